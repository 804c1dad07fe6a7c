"""`evalkit run`, `evalkit list` and `evalkit show`."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evalkit.cli.decide import NOT_YET, LookEarly, look_by_plan, may_look

if TYPE_CHECKING:
    from evalkit.runs.execute import Limits
    from evalkit.runs.listing import SealedRun
    from evalkit.runs.run import RunOutcome

_DIGITS = 12


def run(
    paths: Annotated[list[Path], typer.Argument(help="Parameter files, or files of sweeps.")],
    force: Annotated[bool, typer.Option("--force", help="Run even if nothing changed.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress.")] = False,
    timeout: Annotated[int, typer.Option(help="Seconds that a run may take.", min=1)] = 3600,
    cell_timeout: Annotated[int, typer.Option(help="Seconds that a cell may take.", min=1)] = 900,
    where: Annotated[
        list[str] | None, typer.Option(help="Of a sweep, only runs with name=value.")
    ] = None,
    workers: Annotated[
        int, typer.Option(help="Runs at once, of several; 0: one a processor.", min=0)
    ] = 0,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start each process afresh, also of several runs.")
    ] = False,
    accept_stale: Annotated[
        bool, typer.Option("--accept-stale", help="Skip where only code or packages changed.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Tell of each run in a line of JSON.")
    ] = False,
    cluster: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler, to run on its workers.")
    ] = None,
) -> None:
    """Run studies, seal their records, and skip those in which nothing changed."""
    from evalkit.errors import EvalkitError
    from evalkit.runs.execute import Limits
    from evalkit.sweeps.files import is_sweep

    limits = Limits(cell=cell_timeout, run=timeout)
    if len(paths) > 1 or where or as_json or cluster or is_sweep(paths[0]):
        from evalkit.cli.sweep import Showing, run_many
        from evalkit.sweeps.schedule import Order

        order = Order(force, limits, workers or os.cpu_count() or 1, fresh, accept_stale)
        worst = run_many(paths, order, where or [], Showing(quiet, as_json), cluster)
        raise typer.Exit(worst)
    try:
        _print_outcome(_run_one(paths[0], force, quiet, limits, accept_stale))
    except EvalkitError as fault:
        print(fault, file=sys.stderr)
        raise typer.Exit(fault.exit_code) from None


def list_runs() -> None:
    """List the sealed runs, newest first."""
    from evalkit.runs.listing import changed_files, list_runs

    runs = list_runs()
    if not runs:
        print("No sealed run yet. Make one: evalkit run parameters/<study>.yml")
    for sealed in runs:
        changed = "  changed since it was sealed" if changed_files(sealed) else ""
        stamp = sealed.record["protocol"]["stamp"]
        print(f"{sealed.study}  {sealed.key}  {sealed.run['finished'][:16]}  {stamp}{changed}")


def show(
    study: Annotated[
        str, typer.Argument(help="Name of the study, or first digits of a run's key.")
    ],
    look_early: LookEarly = None,
) -> None:
    """Show what the newest sealed run of a study found, and what it rests on."""
    from evalkit.runs.listing import changed_files, find_run

    sealed = find_run(study)
    look_by_plan(sealed.study, look_early)
    record = sealed.record
    print(record["finding"]["answer"])
    print(f"\n{record['title']}, run {sealed.key} of {sealed.run['finished'][:16]}")
    if record["synthetic"]:
        print("Synthetic data: the numbers are about nobody.")
    _print_protocol(record["protocol"])
    _print_checks(record["checks"])
    _print_basis(record)
    changed = changed_files(sealed)
    if changed:
        print(f"\nNot verified: {len(changed)} files changed since sealing: {', '.join(changed)}")
    else:
        print("\nVerified: every file is as it was sealed.")
    print(_record_path(sealed))


def _run_one(
    path: Path, force: bool, quiet: bool, limits: "Limits", accept_stale: bool
) -> "RunOutcome":
    from evalkit.runs.run import run_study

    if quiet or not sys.stderr.isatty():
        return run_study(path, force=force, limits=limits, accept_stale=accept_stale)
    return _run_shown(path, force, limits, accept_stale)


def _run_shown(path: Path, force: bool, limits: "Limits", accept_stale: bool) -> "RunOutcome":
    """Run with a bar on standard error, which goes when the run ends."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    from evalkit.runs.run import Progress, run_study

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("cells"),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(path.stem, total=None)

        def show_progress(now: Progress) -> None:
            done = now.cell if now.stage != "running" else max(now.cell - 1, 0)
            words = f"{path.stem}: {now.stage}"
            bar.update(task, description=words, completed=done, total=now.cells or None)

        return run_study(
            path, force=force, limits=limits, progress=show_progress, accept_stale=accept_stale
        )


def _print_outcome(outcome: "RunOutcome") -> None:
    sealed = outcome.sealed
    done = "Skipped" if outcome.skipped else "Ran"
    print(sealed.record["finding"]["answer"] if may_look(sealed.study) else NOT_YET)
    print(f"{done} in {outcome.seconds:.1f} s: {outcome.why}.")
    print(f"Record: {_record_path(sealed)}")


def _record_path(sealed: "SealedRun") -> Path:
    path = sealed.folder / "record.json"
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _print_protocol(protocol: dict[str, Any]) -> None:
    print(f"\nStamp: {protocol['stamp']} ({protocol['stamp_reason']})")
    if protocol["registered_on"] is not None:
        print(
            f"  Registered on {protocol['registered_on']}; "
            f"registrations so far: {protocol['registrations']}."
        )
    for departure in protocol["departures"]:
        print(
            f"  {departure['name']}: registered {departure['registered']}, run {departure['run']}"
        )
    if protocol["registrations"] > 1:
        _print_changes_since_first(protocol["changes_since_first"])


def _print_changes_since_first(changes: list[dict[str, Any]]) -> None:
    print(f"  Choices that differ from the first registered protocol: {len(changes)}")
    for change in changes:
        print(f"    {change['name']}: first {change['first']}, now {change['now']}")


def _print_checks(checks: list[dict[str, Any]]) -> None:
    print("\nChecks")
    for check in checks:
        print(f"  {check['verdict']}: {check['question']} {check['finding']}")
    if not checks:
        print("  None was made.")


def _print_basis(record: dict[str, Any]) -> None:
    print("\nSources")
    for source in record["sources"]:
        made_up = ", synthetic" if source["synthetic"] else ""
        digits = source["sha256"][:_DIGITS]
        print(f"  {source['name']}: {source['rows']} rows, profile {source['profile']}{made_up}")
        print(f"    sha256 {digits}")
    if not record["sources"]:
        print("  No data were used: these are calculations from assumptions.")
    print("\nHashes")
    for name, digest in record["hashes"].items():
        print(f"  {name}: {digest[:_DIGITS]}")
