"""What a synthetic control says in words of its interval, its match, and what could be doubted."""

from collections.abc import Mapping, Sequence

import pandas as pd

from evalkit.designs.compared_outcome import say_outside_range
from evalkit.designs.synthetic_control_tables import AnyFit
from evalkit.designs.treated_panel import TreatedPanel
from evalkit.results.words import counted, listed, number
from evalkit.study.schemas.synthetic_control import SyntheticControl

INTERVALS = {
    "placebo": (
        "The interval does not come from sampling people. The same analysis was made for each of "
        "the others as if it had had the intervention, and the interval holds the effects that "
        "would not stand out among those; it is exact if who had it was decided by lot."
    ),
    "conformal": (
        "The interval does not come from sampling people. There are too few others to compare "
        "with for it, so it holds the effects, the same in every period, with which the time "
        "after the start would not stand out among all stretches of time as long."
    ),
    "none": (
        "No interval can be given at this confidence level: there are too few others, and too few "
        "periods. Only the size of the difference can be seen."
    ),
}

ERRORS = {
    "placebo": (
        "The intervals of the two differences-in-differences rest on the spread of the same "
        "estimate among the others, and suppose that the treated vary as much as they do."
    ),
    "jackknife": (
        "The intervals of the two differences-in-differences rest on leaving out each unit in turn."
    ),
}

SEVERAL = (
    "With several treated units that were not chosen by lot, such intervals were too narrow where "
    "the truth was known: read this one as the least that is unsure."
)


def make_remarks(
    panel: TreatedPanel,
    shown: AnyFit,
    unmatched: int,
    ways: tuple[str, str],
    made: Mapping[str, pd.DataFrame],
    rates: Sequence[str],
    parameters: SyntheticControl,
) -> tuple[str, ...]:
    """Say how the interval was made, how close the match was, and what could be doubted.

    `unmatched` placebos were not counted; `ways` names how the interval of the synthetic control
    and the errors of the others were made; `rates` say what counts are compared as.
    """
    values = made["fit"].set_index("name")["value"]
    remarks = [
        f"Before the start the mixture was {number(shown.pre_rmspe)} {parameters.outcome_unit} "
        f"away from the treated (root mean square), {number(values['misfit'])} standard "
        "deviations of the outcome.",
        INTERVALS[ways[0]],
        ERRORS[ways[1]],
        f"Given the same analysis, the gap grew as much or more in "
        f"{round(values['rmspe_ratio_p'] * values['assignments'])} of "
        f"{counted(int(values['assignments']), 'choice')} of who had it, the true one counted.",
    ]
    if unmatched:
        remarks.append(
            f"{counted(unmatched, 'other choice')} of who had it are not counted: no mixture came "
            "as close to them before the start as is asked."
        )
    if panel.left_out:
        remarks.append(
            f"{counted(panel.left_out, 'untreated unit')} with a missing value left out."
        )
    remarks += _nested(panel)
    treated = len(panel.units) - panel.donors
    if treated > 1 and parameters.primary_analysis == "synthetic_control":
        remarks.append(SEVERAL)
    if panel.donors > panel.start:
        remarks.append(
            f"There are more untreated units ({panel.donors}) than periods before the start "
            f"({panel.start}), so a close match may be chance."
        )
    if values["largest_weight"] > 0.5:
        remarks.append("More than half of the mixture is one unit.")
    if parameters.adjust_for:
        remarks.append(f"Taken out beforehand: {listed(list(parameters.adjust_for))}.")
    remarks += say_outside_range(
        shown.synthetic[panel.start :],
        parameters.outcome_kind,
        f"in at least one of {counted(len(panel.periods) - panel.start, 'period')}",
        "the mixture runs at a distance from the treated, or measured causes were taken out of it",
    )
    return (*remarks, *rates)


def _nested(panel: TreatedPanel) -> list[str]:
    """Say what clusters of units change, where there are any."""
    if panel.cluster is None:
        return []
    treated, others = panel.lots
    who = "a cluster" if treated == 1 else f"{treated:,} clusters"
    said = [
        "Units of one cluster share what happens to it, so each other choice of who had the "
        f"intervention is {who} of {others:,} others: as many of its units as had it in theirs, "
        "matched by units of other clusters."
    ]
    if panel.beside:
        said.append(
            f"{counted(panel.beside, 'untreated unit')} in a cluster with the intervention left "
            "out, since it may reach them."
        )
    return said
