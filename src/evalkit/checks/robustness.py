"""Would the answer change with a trust left out, or if trusts were compared with each other?"""

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.results import Check, Result, pick_row
from evalkit.results.words import counted, decimals_for, interval, number, values_table

FEW_TRUSTS = 10
"""Below this many trusts no interval for clustered data is to be relied on."""


def check_influence(primary: pd.Series, left_out: pd.DataFrame) -> Check:
    """Ask whether the answer rests on one trust; `left_out` has one `estimate` a trust left out."""
    half = (primary["conf_high"] - primary["conf_low"]) / 2
    low, high = float(left_out["estimate"].min()), float(left_out["estimate"].max())
    answers = {_answer(value, half) for value in (primary["estimate"], low, high)}
    changed = len(answers) > 1
    shift = max(abs(low - primary["estimate"]), abs(high - primary["estimate"]))
    decimals = decimals_for(shift)
    return Check(
        "The answer does not rest on one trust",
        "Does it change when any one trust is left out?",
        "concern" if changed else "passes",
        f"Leaving out one trust moves the estimate by {number(shift, decimals)} at the most"
        + (", which changes the answer" if changed else ""),
        "A description, not a test",
        "If it fails, the answer is about that trust",
        values_table(
            {"largest_shift": shift, "trusts": len(left_out)},
            {"largest_shift": decimals, "trusts": 0},
        ),
        name="influence",
    )


def _answer(estimate: float, half: float) -> int:
    return int(np.sign(estimate)) if abs(estimate) > half else 0


def check_between(result: Result) -> Check:
    """Ask whether comparing trusts with each other tells the same as following each over time."""
    methods = set(result.estimates["method"])
    corrected = "within_corrected" if "within_corrected" in methods else "within_part"
    within = pick_row(result.estimates, method=corrected)
    between = pick_row(result.estimates, method="between_part")
    gap = between["estimate"] - within["estimate"]
    error = float(np.hypot(between["std_error"], within["std_error"]))
    half = stats.t.ppf(0.5 + within["level"] / 2, within["df"]) * error
    decimals = decimals_for(gap, gap - half, gap + half)
    text = interval(gap - half, gap + half, within["level"], decimals)
    fine = {"gap": gap, "low": gap - half, "high": gap + half, "detectable": 2.8 * error}
    return Check(
        "Comparing trusts with each other tells the same as following each over time",
        "Do the two comparisons differ by more than chance?",
        "concern" if abs(gap) > half else "passes",
        f"Between trusts less within trusts: {number(gap, decimals)} ({text})",
        f"Would find {number(2.8 * error, decimals)} or more about four times in five",
        "Where it fails, trusts with happier staff differ in other ways too; the comparison "
        "between trusts is shown, and is not used for the answer",
        values_table(fine | {"level": 100 * within["level"]}, dict.fromkeys(fine, decimals)),
        name="between",
    )


def check_clusters(primary: pd.Series) -> Check:
    """Ask whether there are trusts enough for the interval to hold its level."""
    trusts = int(primary["clusters"])
    few = trusts < FEW_TRUSTS
    return Check(
        "There are trusts enough for the interval to hold its level",
        f"Are there at least {FEW_TRUSTS} trusts?",
        "concern" if few else "passes",
        f"{counted(trusts, 'trust')}",
        "A description, not a test",
        "With fewer, the interval may be too narrow",
        values_table({"trusts": trusts, "fewest_needed": FEW_TRUSTS}, 0),
        name="clusters",
    )


def check_mediation(correlation: float, share: pd.Series) -> Check:
    """Say how strong an unmeasured cause must be to explain the mediated part away."""
    return Check(
        "No unmeasured cause moves both the mediator and patients' experience",
        "How strongly must unmeasured causes of both be correlated to explain it away?",
        "cannot tell",
        f"No data can test it. A correlation of {number(abs(correlation))} would suffice. How "
        "noise in the two staff measures is related was taken from the parameters",
        "Nothing: no data can test it",
        "If it fails, the share by way of the mediator means nothing",
        values_table({"correlation": abs(correlation), "trusts": share["clusters"]}),
        name="mediation",
    )


def mediation_unknown() -> Check:
    """Say that the mediator is too noisy for anything to be said of how an effect is carried."""
    return Check(
        "Enough of what moves in the mediator is more than sampling noise",
        "Can it be said how much goes by way of the mediator?",
        "cannot tell",
        "Too little of the mediator's movement within trusts is more than sampling noise",
        "Nothing: the paths are not estimated",
        "Nothing is said of how a difference is carried",
        name="mediation",
    )
