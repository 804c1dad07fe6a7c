"""`evalkit status` and `evalkit compare`: what is due, and what changed between two runs."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evalkit.cli.decide import LookEarly, look_by_plan

if TYPE_CHECKING:
    from evalkit.runs.listing import SealedRun

CONCLUSION_CHANGED = 10
"""Exit code of `evalkit compare --alert` where the claim or a check's verdict changed."""
_MOST = 20
_HEADS = {
    "conclusion": "The conclusion",
    "estimates": "Estimates, intervals and counts",
    "data": "Data",
    "parameters": "Parameters",
    "versions": "Code and packages",
}


def status(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Parameter files; all of parameters/ if none.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON a study.")] = False,
) -> None:
    """Say of each study whether its newest run is as it would be now, and if not, why."""
    from evalkit.project import project_root
    from evalkit.sweeps.status import find_status

    for path in paths or sorted((project_root() / "parameters").glob("*.yml")):
        found = find_status(path)
        words = f"{found.study}: {found.state} ({found.why})"
        print(json.dumps(asdict(found)) if as_json else words)


def compare(
    first: Annotated[str, typer.Argument(help="A study (its newest run), or digits of a key.")],
    second: Annotated[
        str | None, typer.Argument(help="Another; without it, the study's run before.")
    ] = None,
    tolerance: Annotated[
        float, typer.Option(help="Relative difference that does not count.", min=0.0)
    ] = 1e-9,
    alert: Annotated[
        bool, typer.Option("--alert", help="End with code 10 if the conclusion changed.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="All differences as JSON.")] = False,
    look_early: LookEarly = None,
) -> None:
    """Say what differs between two sealed runs; the files of both stay as they are."""
    from evalkit.sweeps.compare import compare_runs

    one, other = _find_both(first, second)
    for study in dict.fromkeys((one.study, other.study)):
        look_by_plan(study, look_early)
    found = asdict(compare_runs(one, other, relative=tolerance))
    if as_json:
        print(json.dumps({"first": one.key, "second": other.key, **found}))
    else:
        print(f"First: {one.study} {one.key}, {one.run['finished'][:16]}")
        print(f"Second: {other.study} {other.key}, {other.run['finished'][:16]}")
        for name, head in _HEADS.items():
            _print_part(head, found[name])
    if alert and found["conclusion"]:
        raise typer.Exit(CONCLUSION_CHANGED)


def _find_both(first: str, second: str | None) -> "tuple[SealedRun, SealedRun]":
    from evalkit.errors import ParameterError
    from evalkit.runs.listing import find_run, list_runs

    if second is not None:
        return find_run(first), find_run(second)
    newest = find_run(first)
    runs = list_runs(study=newest.study)
    older = runs[[run.key for run in runs].index(newest.key) + 1 :]
    if not older:
        raise ParameterError(
            f"{first}: no sealed run before {newest.key}. Name two runs: evalkit compare A B."
        )
    return older[0], newest


def _print_part(head: str, differences: list[dict[str, object]]) -> None:
    print(f"\n{head}: {'the same' if not differences else f'{len(differences)} differ'}")
    for one in differences[:_MOST]:
        print(f"  {one['what']}: {one['first']} -> {one['second']}")
    if len(differences) > _MOST:
        print(f"  and {len(differences) - _MOST} more: --json has all")
