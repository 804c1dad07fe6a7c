"""`evalkit decide` logs what was decided; `look_by_plan` keeps results shut until their day."""

import datetime
import re
from enum import StrEnum
from typing import Annotated

import typer

from evalkit.errors import ParameterError

NOT_YET = "Results are not to be seen before the planned day; see `evalkit show`."
_STUDY = re.compile(r"[a-z][a-z0-9_]*")

LookEarly = Annotated[
    tuple[str, str] | None,
    typer.Option(
        "--look-early",
        metavar="NAME REASON",
        help="Who looks before the planned day, and why: it is logged and stands on the page.",
    ),
]


class Choice(StrEnum):
    """What can be decided."""

    CONTINUE = "continue"
    ADAPT = "adapt"
    SPREAD = "spread"
    STOP = "stop"


def look_by_plan(study: str, early: tuple[str, str] | None = None) -> None:
    """Refuse to show results of a study before the day that its rule plans, unless logged."""
    from evalkit.project import project_root
    from evalkit.study.decision_record import refuse_early_look

    refuse_early_look(project_root(), study, datetime.date.today(), early)


def may_look(study: str) -> bool:
    """Say whether a study's results may be seen today."""
    from evalkit.errors import DisclosureError

    try:
        look_by_plan(study)
    except DisclosureError:
        return False
    return True


def decide(
    study: Annotated[str, typer.Argument(help="Name of a released study.")],
    decision: Annotated[Choice, typer.Option(help="What was decided.")],
    by: Annotated[str, typer.Option(help="Who decided: a person, or a named board.")],
    why: Annotated[str, typer.Option(help="Why, in words without numbers.")],
) -> None:
    """Log a decision on a released study beside what its rule, set beforehand, says."""
    from evalkit.project import project_root
    from evalkit.reports.bundle import read_bundle
    from evalkit.study.decision_record import log_decision

    if not _STUDY.fullmatch(study):
        raise ParameterError("decide: needs the name of a released study.")
    look_by_plan(study)
    root = project_root()
    bundle = read_bundle(root / "reports" / "released", study)
    says = bundle.decision.get("says")
    made = log_decision(
        root,
        study,
        datetime.date.today(),
        decision=decision.value,
        by=by,
        why=why,
        rule_says=says,
        record_sha256=bundle.record_sha256,
    )
    if not made.appended:
        print(f"{study}: this decision is the last in the log already. Nothing was written.")
        return
    print(f"{study}: {decision.value}, logged. {_compare(decision.value, says)}")
    print(f"Written to {made.path}. Keep it in version control.")
    print(f"To show it on the page: evalkit release {study}")


def _compare(decision: str, says: str | None) -> str:
    if says is None:
        return "No rule was set for this study."
    if says == decision:
        return "The rule says the same."
    return f"It departs from the rule, which says: {says}."
