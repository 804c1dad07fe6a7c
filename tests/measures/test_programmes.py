"""Plans and progress of programmes: by hand, what is refused, and worlds of known truth."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.checks.priority_programmes import check_programmes
from evalkit.data.periods import calendar_index
from evalkit.errors import AnalysisError
from evalkit.findings.priority_programmes import conclude_programmes
from evalkit.measures.process_control import name_points
from evalkit.measures.process_limits import chart_xmr
from evalkit.measures.programme_charts import (
    Progress,
    chart_programmes,
    draw_false_signals,
    has_signal,
)
from evalkit.measures.programmes import open_programmes, say_state, tabulate_programmes
from evalkit.results import Finding
from evalkit.study import load_parameters
from evalkit.study.schemas.priority_programmes import PriorityProgrammes
from evalkit.synthetic.linked.causes import WORLDS
from evalkit.synthetic.linked.places import Size, make_places
from evalkit.synthetic.linked.programmes import make_measures, make_programmes

FILE = Path(__file__).resolve().parents[2] / "parameters" / "priority_programmes.yml"
FALSE_SIGNALS = (0.01, 0.15)
"""Of noise through limits of twelve points: above the rules' own share with known limits."""


def study(**changes: Any) -> PriorityProgrammes:
    """Return the embedded study's parameters, with changes."""
    parameters = load_parameters(FILE)
    assert isinstance(parameters, PriorityProgrammes)
    return parameters.model_copy(update=changes)


def plans(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Make actions: owner, measure, better, target, due, status."""
    names = ["owner", "measure", "better", "target", "due", "status"]
    frame = pd.DataFrame([dict(zip(names, row, strict=True)) for row in rows])
    return frame.assign(
        programme="maternity",
        action=[f"Action {n}" for n in range(len(rows))],
        due=pd.to_datetime(frame["due"]),
        target=frame["target"].astype(float),
    )


def series(values: list[float], measure: str = "asked", start: int = 0) -> pd.DataFrame:
    """Make a measure's values from January 2023 on."""
    months = [f"{2023 + m // 12}-{m % 12 + 1:02d}" for m in range(start, start + len(values))]
    frame = pd.DataFrame({"programme": "maternity", "measure": measure, "period": months})
    return frame.assign(value=values, base=100.0, time=calendar_index(pd.Series(months)))


def tables_of(world: str, seed: int = 1) -> dict[str, pd.DataFrame]:
    """Return a world's plans and measures by their roles."""
    places = make_places(WORLDS[world], seed, Size(300, 12, 4))
    actions = make_programmes(places)
    actions = actions.assign(due=pd.to_datetime(actions["due"]))
    measures = make_measures(places).rename(columns={"month": "period"})
    return {
        "actions": actions,
        "measures": measures.assign(time=calendar_index(measures["period"])),
    }


def answer(
    tables: dict[str, pd.DataFrame], parameters: PriorityProgrammes
) -> tuple[Finding, Progress]:
    """Answer as the notebook does."""
    portfolio = open_programmes(tables, parameters)
    progress = chart_programmes(portfolio, parameters)
    checks = check_programmes(portfolio, progress, parameters)
    return conclude_programmes(portfolio, progress, checks, parameters), progress


FLAT = [50.0, 52, 48, 51, 49, 52, 50, 48, 51, 49, 50, 52, 51, 49]


def test_plans_by_hand() -> None:
    """Of three actions one is whole, one lacks an owner and is late, one lacks all but a name."""
    actions = plans(
        ("lead", "asked", "higher", 60.0, "2025-03-31", "on track"),
        (None, "asked", "higher", 60.0, "2024-06-30", "on track"),
        (None, None, None, None, None, "not started"),
    )
    held = open_programmes({"actions": actions, "measures": series(FLAT)}, study())
    row = tabulate_programmes(held.actions).iloc[0]
    assert (row["specific"], row["actions"], row["specific_actions"]) == ("in part", 3, 1)
    assert (row["without_owner"], row["without_target"], row["overdue"]) == (2, 1, 1)
    said = [say_state(row) for _, row in held.actions.iterrows()]
    assert said[0] == "specific, not yet due"
    assert said[1] == "lacks an owner; overdue"
    assert said[2] == "lacks an owner, a day by which it is due, a measure, a target"


def test_a_measure_without_values_is_not_followed() -> None:
    """A target is not followed where nobody measures: the programme is not called specific."""
    actions = plans(("lead", "plans written", "higher", 60.0, "2025-03-31", "on track"))
    held = open_programmes({"actions": actions, "measures": series(FLAT)}, study())
    assert tabulate_programmes(held.actions)["specific"].tolist() == ["no"]
    finding, _ = answer({"actions": actions, "measures": series(FLAT)}, study())
    assert finding.claim == "some lack parts, nothing charted"


def test_done_is_not_overdue_and_its_day_can_pass() -> None:
    """An action that is done is not late, whenever it was due."""
    actions = plans(("lead", "asked", "higher", 60.0, "2024-06-30", "done"))
    held = open_programmes({"actions": actions, "measures": series(FLAT)}, study())
    assert not held.actions["overdue"].any()


@pytest.mark.parametrize(
    ("last", "better", "icon"),
    [
        (80.0, "higher", "H better"),
        (80.0, "lower", "H worse"),
        (20.0, "higher", "L worse"),
        (20.0, "lower", "L better"),
        (50.0, "higher", "~ usual"),
    ],
)
def test_icons_by_hand(last: float, better: str, icon: str) -> None:
    """A last point far outside is high or low, and better or worse by the measure's direction."""
    actions = plans(("lead", "asked", better, 60.0, "2025-03-31", "on track"))
    given = {"actions": actions, "measures": series([*FLAT[:13], last])}
    parameters = study(start_period="2024-01", new_limits_reason=None)
    _, progress = answer(given, parameters)
    assert progress.icons["variation"].tolist() == [icon]


@pytest.mark.parametrize(
    ("target", "assured"), [(90.0, "F"), (10.0, "P"), (50.0, "?"), (None, "no target")]
)
def test_targets_by_hand(target: float | None, assured: str) -> None:
    """A target beyond the limits is expected to be missed or met; one within is hit and miss."""
    actions = plans(("lead", "asked", "higher", target, "2025-03-31", "on track"))
    _, progress = answer({"actions": actions, "measures": series(FLAT)}, study())
    assert progress.icons["assurance"].iloc[0].startswith(assured)


def test_new_limits_judge_the_target_only_where_a_reason_is_given() -> None:
    """After a rise from 50 to 70, a target of 60 is expected to be met by the limits since then."""
    actions = plans(("lead", "asked", "higher", 60.0, "2025-03-31", "on track"))
    given = {"actions": actions, "measures": series([*FLAT[:12], *(v + 20 for v in FLAT[:12])])}
    held = [
        answer(given, study(new_limits_reason=reason))[1].icons["assurance"].iloc[0][0]
        for reason in (None, "The programme began")
    ]
    assert held == ["F", "P"]


def test_one_programme_narrows_the_study() -> None:
    """With a programme named, the answer is about it, and the others are in no table."""
    parameters = study(programme="discharge")
    held = open_programmes(tables_of("effect_relational"), parameters)
    assert set(held.actions["programme"]) == {"discharge"}
    assert set(held.measures["programme"]) == {"discharge"}
    finding, _ = answer(tables_of("effect_relational"), parameters)
    assert finding.answer.startswith("Discharge: 1 of 2 actions has")


def test_what_moved_is_told_and_what_got_worse_beside_it() -> None:
    """In the world with an effect, the measures that changed have their icon, one for the worse."""
    finding, progress = answer(tables_of("effect_relational"), study())
    icons = progress.icons.set_index("measure")["variation"]
    assert finding.claim == "some lack parts, signals of change"
    assert icons["women with the same team"] == "H better"
    assert icons["has a named contact"] == "H better"
    assert icons["complaints about going home"] == "L better"
    assert icons["plans written together"] == "L worse"
    assert "for the worse: plans written together (mental health)" in " ".join(finding.meaning)
    said = " ".join([finding.answer, *finding.meaning])
    assert "reason to ask" in said
    assert "impact" not in said


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5, 6])
def test_nothing_is_claimed_where_nothing_happened(seed: int) -> None:
    """In the world without an effect no change is claimed, whatever single icons show."""
    finding, _ = answer(tables_of("null", seed), study())
    assert finding.claim == "some lack parts, no sign of change"
    assert "No change is claimed" in finding.answer


def test_one_signal_among_many_measures_is_chance() -> None:
    """Of twelve measures of noise, one with a signal is no claim, though its icon is shown."""
    rng = np.random.default_rng(3)
    names = [f"measure {n}" for n in range(12)]
    actions = plans(*(("lead", n, "higher", 60.0, "2025-03-31", "on track") for n in names))
    made = [series(list(rng.normal(50, 2, 24)), name) for name in names]
    made[0].loc[23, "value"] = 75.0
    measures = pd.concat(made, ignore_index=True)
    finding, progress = answer({"actions": actions, "measures": measures}, study())
    assert progress.icons["variation"].iloc[0] == "H better"
    assert finding.claim == "all whole, no sign of change"


@pytest.mark.parametrize("before", [12, None])
def test_noise_is_judged_by_the_charts_own_rules(before: int | None) -> None:
    """Many series at once get the signals that each gets from its own chart."""
    values = np.random.default_rng(8).normal(size=(60, 24))
    values[:30, 12:] += 1.5
    values[30:40, 17:] += 0.8 * np.arange(7)
    apart = [name_points(chart_xmr(v, fix_after=before))["rule"].iloc[-1] for v in values]
    assert has_signal(values, before).tolist() == [rule != "" for rule in apart]
    assert set(apart) > {"", "outside", "shift"}


def test_noise_makes_some_signals() -> None:
    """The share of false signals is above nothing and small, which is why one icon is no claim."""
    share = draw_false_signals(24, 12, 2000, np.random.default_rng(1))
    assert FALSE_SIGNALS[0] < share < FALSE_SIGNALS[1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"programme": "no such"}, "no action is of the programme asked for"),
        ({"start_period": "2030-01"}, "no value in the period in which the programmes began"),
        ({"chart": "percentages", "value_kind": "number"}, "percentages need value_kind"),
    ],
)
def test_refusals(changes: dict[str, Any], message: str) -> None:
    """What cannot be asked is refused, and said without a value of the data."""
    with pytest.raises(AnalysisError, match=message) as caught:
        answer(tables_of("null"), study(**changes))
    assert "maternity" not in str(caught.value)


def test_two_targets_of_one_measure_are_refused() -> None:
    """A measure cannot be aimed at two ways in one programme."""
    actions = plans(
        ("lead", "asked", "higher", 60.0, "2025-03-31", "on track"),
        ("lead", "asked", "higher", 70.0, "2025-03-31", "on track"),
    )
    with pytest.raises(AnalysisError, match="1 measures have two targets"):
        open_programmes({"actions": actions, "measures": series(FLAT)}, study())


def test_a_direction_that_is_none_is_refused() -> None:
    """Which direction is better must be written as higher or lower."""
    actions = plans(("lead", "asked", "up", 60.0, "2025-03-31", "on track"))
    with pytest.raises(AnalysisError, match="neither higher nor lower"):
        open_programmes({"actions": actions, "measures": series(FLAT)}, study())
