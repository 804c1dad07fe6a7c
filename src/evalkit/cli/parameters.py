"""`evalkit parameters` explains every parameter; `evalkit register` records a protocol."""

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from evalkit.study.protocol import ProtocolState
    from evalkit.study.schema import StudyParameters

_NAME_HELP = "A notebook's name, or the path of a parameter file to show with its values."
_PATH_HELP = "The parameter file of the study."


def describe(name: Annotated[str, typer.Argument(help=_NAME_HELP)]) -> None:
    """Explain each parameter of a notebook: its type, its default and its meaning."""
    from rich.console import Console

    from evalkit.study.parameters import find_schema_of, load_parameters

    console = Console(highlight=False)
    if name.endswith((".yml", ".yaml")) or "/" in name:
        parameters = load_parameters(Path(name))
        console.print(_tabulate(type(parameters), parameters))
    else:
        console.print(_tabulate(find_schema_of(name), None))


def register(path: Annotated[Path, typer.Argument(help=_PATH_HELP)]) -> None:
    """Write the study's protocol to the register, so that runs can be held to it."""
    from evalkit.project import project_root
    from evalkit.runs.listing import has_results
    from evalkit.study.parameters import load_parameters
    from evalkit.study.protocol import compare_with_register, register_protocol

    parameters = load_parameters(path)
    folder = project_root() / "parameters" / "registered"
    before = compare_with_register(parameters, folder)
    seen = has_results(parameters.study)
    outcome = register_protocol(parameters, folder, datetime.date.today(), results_seen=seen)
    _register_rule(parameters.study, results_seen=seen)
    entry = outcome.entry
    if not outcome.appended:
        print(
            f"{parameters.study}: this protocol was registered on {entry.date} "
            f"({entry.hash[:12]}). Nothing was written."
        )
        return
    print(f"{parameters.study}: protocol registered on {entry.date} ({entry.hash[:12]}).")
    _print_changes(before)
    if entry.results_seen:
        print("The study had results before: runs that follow this plan are exploratory.")
    print(f"Written to {outcome.path}. Keep it in version control.")


def _register_rule(study: str, *, results_seen: bool) -> None:
    from evalkit.project import project_root
    from evalkit.study.decision_record import register_rule

    made = register_rule(project_root(), study, datetime.date.today(), results_seen=results_seen)
    if made is not None and made.appended:
        print(f"{study}: decision rule registered on {made.entry.date} ({made.entry.hash[:12]}).")


def _print_changes(before: "ProtocolState") -> None:
    from evalkit.study.plain_values import show_value

    if before.departures:
        print(f"It changes {len(before.departures)} of the choices registered before:")
    for departure in before.departures:
        print(
            f"  {departure.name}: {show_value(departure.registered)} became "
            f"{show_value(departure.run)}"
        )


def _tabulate(schema: "type[StudyParameters]", parameters: "StudyParameters | None") -> "Table":
    """Give one row a parameter; the second column has lines, to be read at 80 columns."""
    from rich.table import Table
    from rich.text import Text

    from evalkit.study.allowed_values import describe_type, make_json_schema

    last = "default" if parameters is None else "value"
    table = Table(box=None, pad_edge=False, padding=(0, 2, 1, 0), title_justify="left")
    table.add_column("parameter", no_wrap=True)
    table.add_column(f"meaning, type, {last}", overflow="fold")
    properties = make_json_schema(schema)["properties"]
    for name, field in schema.model_fields.items():
        kind = describe_type(properties[name])
        lines = f"{field.description}\ntype: {kind}\n{last}: {_show(schema, parameters, name)}"
        table.add_row(Text(name), Text(lines))
    return table


def _show(schema: "type[StudyParameters]", parameters: "StudyParameters | None", name: str) -> str:
    import json

    from evalkit.study.plain_values import shorten

    field = schema.model_fields[name]
    if parameters is None and field.is_required():
        return "none, it must be given"
    value = field.default if parameters is None else parameters.model_dump(mode="json")[name]
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shorten(text, 400)
