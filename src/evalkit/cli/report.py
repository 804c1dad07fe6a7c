"""`evalkit serve`: open the report on this machine."""

from pathlib import Path
from typing import Annotated

import typer


def serve(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on this machine; 0 takes a free one.")
    ] = 8866,
    released: Annotated[
        Path | None, typer.Option(help="Folder of released studies; default reports/released.")
    ] = None,
    readers: Annotated[
        int,
        typer.Option(min=1, help="How many may wait for a page at once; others come again later."),
    ] = 50,
    token_file: Annotated[
        Path | None,
        typer.Option(help="File that holds a token; only readers who give it see the report."),
    ] = None,
) -> None:
    """Serve the report of every released study, on this machine only, until Ctrl-C."""
    from evalkit.project import project_root
    from evalkit.record.schema import import_jsonschema
    from evalkit.reports.server import read_token, serve_report
    from evalkit.runs.kernel_client import PromptClient

    import_jsonschema()

    root = project_root()
    folder = (released or root / "reports" / "released").resolve()
    token = read_token(token_file) if token_file else ""
    serve_report(
        root / "reports",
        folder,
        port=port,
        readers=readers,
        announce=_announce,
        token=token,
        client=PromptClient,
    )
    typer.echo("Stopped.")


def _announce(address: str) -> None:
    typer.echo(f"The report is open at {address}\nOpen it in a browser. Stop with Ctrl-C.")
