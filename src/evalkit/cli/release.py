"""`evalkit release`: fill reports/released/ with what may be shown, or say why not."""

import re
from typing import TYPE_CHECKING, Annotated

import typer

from evalkit.cli.decide import LookEarly, look_by_plan
from evalkit.errors import ParameterError

if TYPE_CHECKING:
    from evalkit.disclosure.review import Review

_STUDY = re.compile(r"[a-z][a-z0-9_]*")


def release(
    study: Annotated[str, typer.Argument(help="Name of the study, or key of one run.")],
    approved_by: Annotated[
        str | None,
        typer.Option(help="Name of the person who approves; needed unless no data are real."),
    ] = None,
    review: Annotated[
        bool, typer.Option(help="List each output with pass, review or fail; release nothing.")
    ] = False,
    approve: Annotated[
        str | None, typer.Option(help="Name of the person who approves, with --reason.")
    ] = None,
    refuse: Annotated[
        str | None, typer.Option(help="Name of the person who refuses, with --reason.")
    ] = None,
    withdraw: Annotated[
        str | None, typer.Option(help="Name of the person who withdraws it, with --reason.")
    ] = None,
    reason: Annotated[
        str | None, typer.Option(help="Why: stands in release.json, in words without numbers.")
    ] = None,
    look_early: LookEarly = None,
) -> None:
    """Release what may be shown of a study's newest sealed run, or review, refuse, withdraw it."""
    from evalkit.disclosure.release import refuse_study, release_study, review_study
    from evalkit.runs.confirm import confirm_fresh
    from evalkit.runs.listing import find_run

    _refuse_contradiction(approved_by, approve, refuse, withdraw, reason, review=review)
    if withdraw is not None:
        _withdraw(study, withdraw, reason or "")
        return
    run = find_run(study)
    if refuse is None:
        look_by_plan(run.study, look_early)
    if review:
        _print_reviews(run.study, review_study(run.folder))
        return
    if refuse is not None:
        refuse_study(run.folder, refuse, reason or "")
        print(f"{run.study}: refused, and logged. Nothing was released.")
        return
    run = confirm_fresh(run)
    name = approve if approve is not None else approved_by
    because = (reason or "") if approve is not None else None
    outcome = release_study(run.folder, approved_by=name, reason=because)
    state = "already released, nothing changed" if outcome.unchanged else "released"
    print(f"{outcome.study}: {state} (version {outcome.version}, {outcome.files} files).")
    if outcome.approval == "person":
        print("Approved by the person named in release.json.")
    elif outcome.approval == "without data":
        print("No data were used: approved by rule, without a person.")
    else:
        print("Synthetic data: approved by rule, without a person.")
    _print_hidden(outcome.rules)
    for remark in outcome.remarks:
        print(remark)
    print(f"Folder: {outcome.folder}")
    print("To read the report: make serve")


def _refuse_contradiction(
    approved_by: str | None,
    approve: str | None,
    refuse: str | None,
    withdraw: str | None,
    reason: str | None,
    *,
    review: bool,
) -> None:
    """Refuse two things at once, and a reason for nothing."""
    given = [name for name in (approved_by, approve, refuse, withdraw) if name is not None]
    if len(given) + review > 1:
        raise ParameterError(
            "release: choose one of --review, --approve, --approved-by, --refuse and --withdraw."
        )
    if reason is not None and (review or approved_by is not None or not given):
        raise ParameterError("release: --reason goes with --approve, --refuse or --withdraw.")


def _withdraw(study: str, by: str, reason: str) -> None:
    from evalkit.disclosure.history import withdraw
    from evalkit.disclosure.release import released_home

    if not _STUDY.fullmatch(study):
        raise ParameterError("release: --withdraw needs the name of a study (see evalkit list).")
    version = withdraw(released_home(), study, by, reason)
    print(f"{study}: version {version} is withdrawn. Its report and its exports here are deleted.")
    print("Copies that were sent to others are not: tell those who have them.")


def _print_reviews(study: str, reviews: "list[Review]") -> None:
    """Print each output: state, what it is, its counts, its rule, and why."""
    for r in reviews:
        print(f"{r.state:<6} {r.kind} {r.name}: {r.description}")
        print(f"       counts: {r.shown} shown, {r.hidden} hidden; rules: {r.rule}")
        for reason in r.reasons:
            print(f"       {reason}")
    states = [r.state for r in reviews]
    totals = ", ".join(f"{states.count(s)} {s}" for s in ("pass", "review", "fail"))
    print(f"{study}: {totals}.")
    print(f'To decide: evalkit release {study} --approve "NAME" --reason "WHY", or --refuse.')


def _print_hidden(rules: dict[str, dict[str, int]]) -> None:
    """Print how many cells each rule changed, over all tables."""
    totals: dict[str, int] = {}
    for counts in rules.values():
        for rule, count in counts.items():
            totals[rule] = totals.get(rule, 0) + count
    if not totals:
        print("No cell had to be hidden.")
    for rule, count in sorted(totals.items()):
        print(f"  {count} cell{'' if count == 1 else 's'}: {rule}")
