"""Whether programmes have what they need, and whether their measures move: by rule, in words.

A signal is a reason to ask what happened. It is never called an effect of the programme, and no
change is claimed where chance alone would make as many signals among as many measures.
"""

from typing import Literal

import pandas as pd

from evalkit.measures.process_control import Assurance
from evalkit.measures.programme_charts import ASSURED, Progress
from evalkit.measures.programmes import YES, Portfolio, tabulate_programmes
from evalkit.results import Check, Finding
from evalkit.results.words import counted, listed, number, values_table
from evalkit.study.schemas.priority_programmes import PriorityProgrammes

Claim = Literal[
    "all whole, signals of change",
    "all whole, no sign of change",
    "some lack parts, signals of change",
    "some lack parts, no sign of change",
    "some lack parts, nothing charted",
]
_LIMITS = (
    "A signal says that a process changed, and not what changed it: it is a reason to ask, and no "
    "effect of the programme.",
    "A measure chosen because it was at its worst comes back by itself; the charts cannot tell "
    "that from a change.",
    "That an action is specific does not say that it is the right one, or that it was done as "
    "written.",
)


def conclude_programmes(
    portfolio: Portfolio,
    progress: Progress,
    checks: list[Check],
    parameters: PriorityProgrammes,
) -> Finding:
    """Choose the claim that plans and charts allow, and say it as a board would hear it."""
    claim = choose_claim(portfolio, progress, checks)
    meaning = (
        *_say_lacking(portfolio),
        *_say_signals(claim, progress),
        *_say_targets(progress),
    )
    open_ = [c.assumption[0].lower() + c.assumption[1:] for c in checks if c.verdict != "passes"]
    limits = (*_LIMITS, *([f"Not shown to hold: {'; '.join(open_)}."] if open_ else []))
    answer = _answer(claim, portfolio, progress, parameters)
    return Finding(claim, answer, meaning, limits, _values(portfolio, progress))


def choose_claim(portfolio: Portfolio, progress: Progress, checks: list[Check]) -> Claim:
    """Decide by rule: are all actions whole, and are there more signals than chance makes."""
    actions = portfolio.actions
    whole = bool((actions["specific"] & actions["followed"]).all())
    if progress.points.empty:
        return "some lack parts, nothing charted"
    verdicts = {check.name: check.verdict for check in checks}
    if verdicts["chance"] == "passes":
        return "all whole, signals of change" if whole else "some lack parts, signals of change"
    return "all whole, no sign of change" if whole else "some lack parts, no sign of change"


def list_not_measured(portfolio: Portfolio) -> list[str]:
    """List what plans and charts cannot tell, whatever is in them."""
    followed = portfolio.actions["followed"].all()
    said = [] if followed else ["Progress of the actions that have no measure with values"]
    return [
        *said,
        "Whether the programmes caused what the charts show: use a design with a comparison",
        "How patients, carers and staff experienced the programmes",
        "Differences between groups of people within a measure",
    ]


def _answer(
    claim: Claim, portfolio: Portfolio, progress: Progress, parameters: PriorityProgrammes
) -> str:
    """Say both halves in one sentence or two: the plans, then the measures."""
    late = int(portfolio.actions["overdue"].sum())
    overdue = f"; {counted(late, 'action')} {'is' if late == 1 else 'are'} overdue"
    plans = _say_plans(portfolio, parameters) + (overdue if late else "")
    if claim.endswith("nothing charted"):
        return f"{plans}. No measure has enough values to be charted."
    return f"{plans}. {_say_moved(claim, progress)}"


def _say_plans(portfolio: Portfolio, parameters: PriorityProgrammes) -> str:
    actions = portfolio.actions
    whole, every = int((actions["specific"] & actions["followed"]).sum()), len(actions)
    if parameters.programme is not None:
        name = parameters.programme[0].upper() + parameters.programme[1:]
        return (
            f"{name}: {whole} of {counted(every, 'action')} "
            f"{'has' if whole == 1 else 'have'} an owner, a day, a measure that is followed and a "
            "target"
        )
    table = tabulate_programmes(actions)
    full = int((table["specific"] == YES).sum())
    return (
        f"{full} of {counted(len(table), 'programme')} "
        f"{'has' if full == 1 else 'have'} an owner, a day, a measure that is followed and a "
        f"target for every action; over all programmes {whole} of {counted(every, 'action')} "
        f"{'has' if whole == 1 else 'have'} all four"
    )


def _say_moved(claim: Claim, progress: Progress) -> str:
    charted = int(progress.icons["latest"].notna().sum())
    better, worse = _count(progress, "better"), _count(progress, "worse")
    signals = int(progress.chance["signals"])
    if claim.endswith("no sign of change"):
        found = (
            f"No change is claimed: {signals} of {counted(charted, 'measure')} {_have(signals)} a"
        )
        often = number(100 * progress.chance["p_value"], 1)
        if not signals:
            return f"{found} signal."
        return f"{found} signal, and chance alone makes as many in {often}% of such sets."
    said = [f"{better} for the better"] if better else []
    said += [f"{worse} for the worse"] if worse else []
    others = signals - better - worse
    said += [f"{others} without a better direction"] if others else []
    return (
        f"{signals} of {counted(charted, 'measure')} {_have(signals)} a signal of change, "
        f"{listed(said)}: each is a reason to ask what happened."
    )


def _say_lacking(portfolio: Portfolio) -> list[str]:
    table = tabulate_programmes(portfolio.actions)
    lacking = [str(name) for name in table.loc[table["specific"] != YES, "programme"]]
    if not lacking:
        whose = "The programme" if len(table) == 1 else "Every programme"
        return [f"{whose} has what it needs to be followed."]
    return [f"To be made specific: {listed(lacking)}."]


def _say_signals(claim: Claim, progress: Progress) -> list[str]:
    if progress.points.empty:
        return []
    if claim.endswith("no sign of change"):
        return _say_unclaimed(progress)
    said = []
    for direction, words in (("better", "for the better"), ("worse", "for the worse")):
        named = _names(progress.icons[progress.icons["direction"] == direction])
        if named:
            said.append(f"Ask about a signal {words}: {listed(named)}.")
    usual = {d: _names(progress.icons[progress.icons["earlier"] == d]) for d in ("better", "worse")}
    again = [f"{listed(names)} (for the {d})" for d, names in usual.items() if names]
    if again:
        said.append(f"Unusual for a while since the start, and usual again: {listed(again)}.")
    said.append(
        f"Chance alone would make {number(progress.chance['expected'], 1)} signals among as many "
        "measures."
    )
    return said


def _say_unclaimed(progress: Progress) -> list[str]:
    """Name the measures that are outside usual variation, though their number claims nothing."""
    named = _names(progress.icons[progress.icons["direction"] != "none"])
    if not named:
        return []
    return [
        f"Outside usual variation at the latest point: {listed(named)}. Ask what happened there. "
        "That no change is claimed rests on how many measures have a signal, not on how strong one "
        "is; its chart shows that."
    ]


def _say_targets(progress: Progress) -> list[str]:
    if progress.points.empty:
        return []
    said = []
    states: dict[Assurance, str] = {
        "consistent_fail": "Expected to miss the target unless the process changes",
        "inconsistent": "Will sometimes meet the target and sometimes miss it",
        "consistent_pass": "Expected to meet the target",
    }
    for state, words in states.items():
        named = _names(progress.icons.loc[progress.icons["assurance"] == ASSURED[state]])
        if named:
            said.append(f"{words}: {listed(named)}.")
    return said


def _names(icons: pd.DataFrame) -> list[str]:
    pairs = zip(icons["measure"], icons["programme"], strict=True)
    return [f"{measure} ({programme})" for measure, programme in pairs]


def _count(progress: Progress, direction: str) -> int:
    return int((progress.icons["direction"] == direction).sum())


def _have(count: int) -> str:
    return "has" if count == 1 else "have"


def _values(portfolio: Portfolio, progress: Progress) -> pd.DataFrame:
    """Each number of the sentences, by name, rounded as it is said."""
    actions, table = portfolio.actions, tabulate_programmes(portfolio.actions)
    rows = {
        "programmes": float(len(table)),
        "programmes_whole": float((table["specific"] == YES).sum()),
        "actions": float(len(actions)),
        "actions_whole": float((actions["specific"] & actions["followed"]).sum()),
        "actions_overdue": float(actions["overdue"].sum()),
        "signals": progress.chance["signals"],
        "signals_by_chance": progress.chance["expected"],
        "as_many_by_chance_percent": 100 * progress.chance["p_value"],
        "not_followed": float((~actions["followed"]).sum()),
    }
    if not progress.points.empty:
        rows |= {f"signals_{d}": float(_count(progress, d)) for d in ("better", "worse")}
        rows["charted"] = float(progress.icons["latest"].notna().sum())
    by_chance = ("signals_by_chance", "as_many_by_chance_percent")
    return values_table(rows, dict.fromkeys(rows, 0) | dict.fromkeys(by_chance, 1))
