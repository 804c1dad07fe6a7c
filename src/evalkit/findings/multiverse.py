"""What all the analyses that a plan allows say together, in one plain remark of the finding."""

from dataclasses import replace

import pandas as pd

from evalkit.checks.judging import p_words, shown_p
from evalkit.planning.multiverse import Multiverse, summarise_multiverse
from evalkit.results import Finding
from evalkit.results.words import decimals_for, number, values_table
from evalkit.study.schemas.design_study import DesignStudy

_FINE = ("lowest", "median", "highest")
_P_DECIMALS = 3


def add_multiverse(
    finding: Finding, multiverse: Multiverse | None, parameters: DesignStudy
) -> Finding:
    """Add to what the finding means how far the allowed analyses lie apart; None adds nothing."""
    if multiverse is None:
        return finding
    told = summarise_multiverse(multiverse)
    decimals = decimals_for(*(told[name] for name in _FINE))
    places = dict.fromkeys(told, 0) | dict.fromkeys(_FINE, decimals)
    p_values = {name: shown_p(told[name]) for name in told if name.startswith("p_")}
    numbers = values_table(told | p_values, places | dict.fromkeys(p_values, _P_DECIMALS))
    numbers["name"] = "multiverse_" + numbers["name"]
    spread = _tell_spread(told, decimals, parameters.outcome_unit)
    joint = _tell_joint(told, parameters, causal=finding.claim in ("improved", "worsened"))
    meaning = (*finding.meaning, f"{spread} {joint}")
    values = pd.concat([finding.values, numbers], ignore_index=True)
    return replace(finding, meaning=meaning, values=values)


def _tell_spread(told: dict[str, float], decimals: int, unit: str) -> str:
    """Say how many analyses there are, and where their estimates and intervals lie."""
    lowest, middle, highest = (number(told[name], decimals) for name in _FINE)
    count, done = int(told["analyses"]), int(told["estimated"])
    failed = "" if done == count else f", of which these data allowed {done}"
    return (
        f"The plan allowed {count} analyses of the question{failed}. Their estimates run from "
        f"{lowest} to {highest} {unit}, with {middle} in the middle; {_tell_sides(told)}."
    )


def _tell_sides(told: dict[str, float]) -> str:
    """Say how many intervals leave out zero, and on which side."""
    done, above, below = (int(told[name]) for name in ("estimated", "above_zero", "below_zero"))
    if not above and not below:
        return "none of their intervals leaves out zero"
    if done in (above, below):
        return f"every interval lies wholly {'above' if above else 'below'} zero"
    sides = {"above": above, "below": below}
    lying = [
        f"{count} {'lies' if count == 1 else 'lie'} wholly {side} zero"
        for side, count in sides.items()
        if count
    ]
    return f"of their intervals, {' and '.join(lying)}"


def _tell_joint(told: dict[str, float], parameters: DesignStudy, *, causal: bool) -> str:
    """Say whether chance explains all of it; where no effect is claimed, that others may."""
    if "p_median" not in told:
        return (
            "They are not tested together: for that, those with and without the intervention would "
            "have to be able to change places, as by lot."
        )
    rare = told["p_median"] <= 1 - parameters.confidence_level
    seldom, verb = ("rare", "hardly explains") if rare else ("nothing unusual", "may explain")
    others = "" if causal or not rare else "; other causes may"
    return (
        f"Were the intervention handed to others by lot ({int(told['draws'])} tries), a middle "
        f"estimate as far from zero would be {seldom} ({p_words(told['p_median'])}): chance alone "
        f"{verb} all of them together{others}."
    )
