"""`evalkit release`: fill reports/released/ with what may be shown, or say why not."""

from typing import Annotated

import typer


def release(
    study: Annotated[str, typer.Argument(help="Name of the study, or key of one run.")],
    approved_by: Annotated[
        str | None,
        typer.Option(help="Name of the person who approves; needed unless no data are real."),
    ] = None,
) -> None:
    """Release what may be shown of a study's newest sealed run."""
    from evalkit.disclosure.release import release_study
    from evalkit.runs.listing import find_run

    outcome = release_study(find_run(study).folder, approved_by=approved_by)
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
