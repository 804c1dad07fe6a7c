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
        int, typer.Option(min=1, help="How many pages may be open at once (about 65 MB each).")
    ] = 20,
) -> None:
    """Serve the report of every released study, on this machine only, until Ctrl-C."""
    from evalkit.project import project_root
    from evalkit.reports.server import serve_report

    root = project_root()
    folder = (released or root / "reports" / "released").resolve()
    serve_report(root / "reports", folder, port=port, readers=readers, announce=_announce)
    typer.echo("Stopped.")


def _announce(address: str) -> None:
    typer.echo(f"The report is open at {address}\nOpen it in a browser. Stop with Ctrl-C.")
