"""Was there anything to see? Movement within trusts, noise in scores, and who was in the data."""

import numpy as np
import pandas as pd

from evalkit.measures.reliability import signal_within, split_variation
from evalkit.results import Check
from evalkit.results.words import counted, number, values_table
from evalkit.study.schema import StaffWellbeing

LEAST_SHARE_OF_STEP = 0.5
"""Trusts must typically move by this share of the reported step, or the answer extrapolates."""

SMALLEST_STEP = 0.5
"""The reported step must be this large beside what trusts typically move, or it hides size."""

LEAST_RELIABILITY = 0.5
"""Below this, less than half of what moves within trusts is more than sampling noise."""

WHOLE_SERIES = 0.8
"""Share of trusts that should be there in every period."""


def check_variation(panel: pd.DataFrame, parameters: StaffWellbeing) -> Check:
    """Ask whether the staff measure moved enough within trusts for an answer about moving it."""
    spread, step = signal_within(panel, "exposure"), parameters.exposure_step
    parts = split_variation(panel, "exposure")
    small, tiny = spread < LEAST_SHARE_OF_STEP * step, step < SMALLEST_STEP * spread
    said = "That is enough"
    if small:
        said = "Little movement was there to see it in"
    elif tiny:
        said = "The reported step is much smaller than what trusts move by"
    seen = (
        f"Within trusts, {parameters.exposure_name} moves by {number(spread)} "
        f"{parameters.exposure_unit} around its usual level (standard deviation, sampling noise "
        f"removed), against {number(parts['sd_between'])} between trusts"
    )
    return Check(
        "Staff wellbeing moves enough within trusts to see what follows",
        f"Do trusts typically move by at least half of the {step:g} {parameters.exposure_unit} "
        "that the answer speaks of?",
        "concern" if small or tiny else "passes",
        f"{seen}. {said}",
        "A description, not a test",
        "If it fails, neither an effect nor its absence can be shown from these data",
        values_table({"spread_within": spread, "between": parts["sd_between"], "step": step}),
        name="variation",
    )


def check_noise(panel: pd.DataFrame, parameters: StaffWellbeing) -> Check:
    """Ask how much of the staff measure's movement within trusts is sampling noise."""
    share = split_variation(panel, "exposure")["reliability_within"]
    outcome = split_variation(panel, "outcome")["reliability_within"]
    if np.isnan(share):
        return Check(
            "Most of what moves in staff scores within trusts is more than sampling noise",
            "How much of the movement within trusts is more than sampling noise?",
            "cannot tell",
            "The number of staff behind some scores, or their spread, is not known, so no noise is "
            "taken out",
            "Nothing: map exposure_base, and give exposure_person_sd for a score",
            "Noise pulls estimates towards zero: a real association would look smaller",
            name="noise",
        )
    low = share < LEAST_RELIABILITY
    rest = "" if np.isnan(outcome) else f"; for patients' scores it is {number(100 * outcome, 0)}%"
    return Check(
        "Most of what moves in staff scores within trusts is more than sampling noise",
        "How much of the movement within trusts is more than sampling noise?",
        "concern" if low else "passes",
        f"{number(100 * share, 0)}% of the movement in {parameters.exposure_name} within trusts "
        f"is more than sampling noise{rest}{'; less than half is little' if low else ''}",
        "A description, not a test",
        "Noise pulls estimates towards zero; the estimate with noise removed allows for it",
        values_table({"staff": 100 * share, "patients": 100 * np.nan_to_num(outcome)}, 0),
        name="noise",
    )


def check_matching(coverage: pd.DataFrame) -> Check:
    """Ask whether the trusts of the smaller source are found in the other; from panel_coverage."""
    units = coverage[coverage["counted"] == "units"].set_index("found_in")["count"]
    both = int(units["both"])
    smaller = both + int(min(units["staff only"], units["patients only"]))
    share = both / smaller
    return Check(
        "The same trusts are in the staff and in the patient results",
        "How many trusts of the smaller source are found in the other?",
        "passes" if share >= WHOLE_SERIES else "concern",
        f"{both} of {counted(smaller, 'trust')} of the smaller source are found in the other",
        "A description, not a test",
        "If it fails, look for codes that were written differently or changed, for example by a "
        "merger: the answer is about the trusts that matched",
        values_table({"in_both_sources": both, "smaller_source": smaller}, 0),
        name="matching",
    )


def check_composition(panel: pd.DataFrame) -> Check:
    """Ask whether the same trusts are there throughout."""
    periods, trusts = panel["time"].nunique(), panel["unit"].nunique()
    whole = int((panel.groupby("unit")["time"].nunique() == periods).sum())
    share = whole / trusts
    return Check(
        "The same trusts are compared throughout",
        "How many trusts are there in every period?",
        "passes" if share >= WHOLE_SERIES else "concern",
        f"{whole} of {counted(trusts, 'trust')} are there in {'both' if periods == 2 else 'all'} "
        f"{'' if periods == 2 else f'{periods} '}periods",
        "A description, not a test",
        "If it fails, changes may come from who is in the data",
        values_table({"in_every_period": whole, "trusts": trusts, "periods": periods}, 0),
        name="composition",
    )
