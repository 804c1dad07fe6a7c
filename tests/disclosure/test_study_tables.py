"""Attack a whole released folder: no hidden base or value follows from the tables beside it.

The attack shares no code with the protection: it is a linear programme over the released CSVs.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from evalkit.disclosure.profiles import load_profiles
from evalkit.disclosure.release import release_study
from evalkit.disclosure.study_tables import protect_tables
from evalkit.measures import tabulate
from evalkit.record import Column, TableSpec, table_specs
from evalkit.study import load_parameters
from evalkit.study.schema import StudyParameters

ROOT = Path(__file__).parents[2]
HIDDEN = "[c]"
LIMITS = {"staff": 11, "patient": 10}  # of profiles staff and cqc_survey
TRUSTS, PERIODS = 9, 4
WIDE = 1.0  # points: a value known no better than this is not known
Tables = list[tuple[TableSpec, pd.DataFrame]]


@pytest.fixture
def study() -> StudyParameters:
    """Return the embedded study's parameters with London as the one grouping."""
    loaded = load_parameters(ROOT / "parameters" / "staff_wellbeing.yml")
    return loaded.model_copy(update={"subgroups": ["london"]})


@pytest.fixture
def panel() -> pd.DataFrame:
    """Return nine trusts over four periods, of whom three were answered for by few people."""
    rng = np.random.default_rng(3)
    units = np.tile([f"T{i}" for i in range(TRUSTS)], PERIODS)
    time = np.repeat(np.arange(PERIODS), TRUSTS)
    made = pd.DataFrame({"unit": units, "time": time, "period": (2021 + time).astype(str)})
    staff = rng.integers(200, 700, len(made)).astype(float)
    made["outcome_base"] = rng.integers(60, 140, len(made)).astype(float)
    made["exposure"], made["mediator"] = 7.0 + 0.01 * time, rng.uniform(20, 40, len(made))
    for facet in ("outcome", "relational", "functional", "felt"):
        made[facet] = rng.normal(8, 0.2, len(made))
    made.loc[4, ["outcome_base", "outcome"]] = (4, 2.25)
    made.loc[TRUSTS + 6, "exposure"], staff[TRUSTS + 6] = 3.2, 3
    made.loc[2 * TRUSTS + 7, "mediator"], staff[2 * TRUSTS + 7] = 8.3333, 12
    made["exposure_base"] = made["mediator_base"] = staff
    return made.assign(unit_name="Trust " + made["unit"], london=made["unit"] < "T3")


def tables_of(panel: pd.DataFrame, study: StudyParameters) -> Tables:
    """Return the tables that say who is in the data, as the notebook stages them."""
    return [
        (table_specs.quality_spec(), tabulate.tabulate_quality(panel, study)),  # type: ignore[arg-type]
        (table_specs.who_spec(), tabulate.tabulate_who(panel, study)),  # type: ignore[arg-type]
        (table_specs.trend_spec(study), tabulate.tabulate_trend(panel)),  # type: ignore[arg-type]
        (table_specs.organisations_spec(), tabulate.tabulate_organisations(panel, study)),  # type: ignore[arg-type]
    ]


def rules(staff: str = "staff", patient: str = "cqc_survey") -> dict[str, object]:
    """Return the rules of both sources."""
    return {"staff": load_profiles()[staff], "patient": load_profiles()[patient]}


def span(
    equal: list[np.ndarray], totals: list[tuple[float, float]], low: float, high: float | None
) -> list[tuple[float, float]]:
    """Return the least and most of each unknown, given sums between two bounds."""
    size = len(equal[0])
    above = np.vstack([*equal, *(-row for row in equal)])
    bounds = [*(t for _, t in totals), *(-t for t, _ in totals)]
    found = []
    for place in range(size):
        aim = np.eye(size)[place]
        ends = [linprog(s * aim, above, bounds, bounds=(low, high)) for s in (1, -1)]
        found.append(
            tuple(
                s * e.fun if e.fun is not None else s * -np.inf
                for s, e in zip((1, -1), ends, strict=True)
            )
        )
    return found


def attack_bases(
    released: Path, panel: pd.DataFrame, source: str
) -> dict[tuple[str, str], tuple[float, float]]:
    """Work out the range of each hidden base from organisations, trend and who."""
    held = {
        n: pd.read_csv(released / "tables" / f"{n}.csv", dtype=str)
        for n in ("organisations", "trend", "who")
    }
    rows = held["organisations"][held["organisations"]["source"] == source]
    known = rows[rows["base"] != HIDDEN].drop_duplicates(["unit", "period"])
    shown = {(u, p): float(b) for u, p, b in known[["unit", "period", "base"]].to_numpy()}
    cells = sorted({(u, p) for u, p in rows[["unit", "period"]].to_numpy()})
    hidden = [cell for cell in cells if cell not in shown]
    if not hidden:
        return {}
    london = set(panel.loc[panel["london"], "unit"])
    sums = [
        (lambda c, p=p: c[1] == p, b)
        for p, b in held["trend"][["period", f"{source}_base"]].to_numpy()
    ]
    inside = {
        "Yes": lambda c: c[0] in london,
        "No": lambda c: c[0] not in london,
        "All trusts": lambda c: True,
    }
    sums += [(inside[g], b) for g, b in held["who"][["group", f"{source}_answers"]].to_numpy()]
    equal, totals = [], []
    for within, total in sums:
        if total != HIDDEN:
            rest = float(total) - sum(b for c, b in shown.items() if within(c))
            equal.append(np.asarray([float(within(c)) for c in hidden]))
            totals.append((rest, rest))
    return dict(zip(hidden, span(equal, totals, 1, None), strict=True))


def test_no_hidden_base_follows_from_a_released_folder(
    make_run: Callable[..., Path], panel: pd.DataFrame, study: StudyParameters, tmp_path: Path
) -> None:
    """From organisations, trend and who together, each hidden base keeps its unsafe range."""
    run = make_run(tables=tables_of(panel, study))
    folder = release_study(run, released=tmp_path / "released").folder
    for source, column, few in (("patient", "outcome_base", 4), ("staff", "exposure_base", 3)):
        true = panel.set_index(["unit", "period"])[column]
        found = attack_bases(folder, panel, source)
        assert few in {true[cell] for cell in found}
        for cell, (low, high) in found.items():
            assert high - low >= LIMITS[source], (source, cell)
            assert true[cell] >= LIMITS[source] or low <= 1, (source, cell)


def test_no_hidden_value_follows_from_a_released_folder(
    make_run: Callable[..., Path], panel: pd.DataFrame, study: StudyParameters, tmp_path: Path
) -> None:
    """From the averages of trend and quality, no hidden value is known to within a point."""
    folder = release_study(make_run(tables=tables_of(panel, study)), released=tmp_path / "r").folder
    held = {
        n: pd.read_csv(folder / "tables" / f"{n}.csv", dtype=str)
        for n in ("organisations", "trend", "quality")
    }
    for measure, column in (
        ("Overall patient experience", "outcome"),
        ("Staff engagement", "exposure"),
    ):
        rows = held["organisations"][held["organisations"]["measure"] == measure]
        hidden = rows[rows["value"] == HIDDEN]
        assert len(hidden) >= 2
        shown = rows[rows["value"] != HIDDEN]
        quality = held["quality"].set_index("measure").loc[measure, "mean"]
        averages = [
            ("", quality, 5e-4),
            *((p, v, 0.05) for p, v in held["trend"][["period", column]].to_numpy()),
        ]
        equal, totals = [], []
        for period, mean, near in averages:
            within = rows["period"].str.startswith(period)
            if mean == HIDDEN or not within[hidden.index].any():
                continue
            rest = (
                float(mean) * within.sum()
                - shown.loc[within[shown.index], "value"].astype(float).sum()
            )
            slack = near * within.sum() + 0.05 * within[shown.index].sum()
            equal.append(within[hidden.index].to_numpy(float))
            totals.append((rest - slack, rest + slack))
        assert all(high - low >= WIDE for low, high in span(equal, totals, 0, 10))


def test_no_stratum_hides_one_trust_alone(panel: pd.DataFrame, study: StudyParameters) -> None:
    """In each period and measure none or at least two are hidden, whoever made the rules."""
    for staff, patient in (("staff", "cqc_survey"), ("hes", "hes"), ("tre10", "gss_default")):
        done = protect_tables(tables_of(panel, study), rules(staff, patient), 100)  # type: ignore[arg-type]
        frame = done["organisations"].frame
        for name in ("base", "value"):
            alone = frame.groupby(["period", "measure"])[name].agg(lambda c: (c == HIDDEN).sum())
            assert set(alone) != {0}
            assert 1 not in set(alone), (staff, patient, name)


def test_the_same_people_are_hidden_in_every_measure(
    panel: pd.DataFrame, study: StudyParameters
) -> None:
    """A base hidden for one measure is hidden for all measures of the same people."""
    panel.loc[TRUSTS + 2, "exposure"] = np.nan
    frame = protect_tables(tables_of(panel, study), rules(), 100)["organisations"].frame  # type: ignore[arg-type]
    hidden = (frame["base"] == HIDDEN).groupby([frame[n] for n in ("unit", "period", "source")])
    assert (hidden.transform("any") == (frame["base"] == HIDDEN)).all()


def test_a_total_is_hidden_where_no_second_cell_is_left(
    panel: pd.DataFrame, study: StudyParameters
) -> None:
    """One trust alone in a period: the averages and sums over it are hidden too."""
    alone = panel[(panel["time"] > 0) | (panel["unit"] == "T4")]
    done = protect_tables(tables_of(alone, study), rules(), 100)  # type: ignore[arg-type]
    first = done["trend"].frame.iloc[0]
    assert (first["outcome"], first["patient_base"]) == (HIDDEN, HIDDEN)
    assert (done["who"].frame["patient_answers"] == HIDDEN).all()
    quality = done["quality"].frame.set_index("measure")["mean"]
    assert quality["Overall patient experience"] == HIDDEN
    assert quality["Staff engagement"] != HIDDEN


def test_only_the_groups_of_the_hidden_source_are_hidden(
    panel: pd.DataFrame, study: StudyParameters
) -> None:
    """With few patients in one trust, patients by group are hidden; staff and totals stand."""
    panel.loc[panel["exposure_base"] < 20, ["exposure_base", "mediator_base"]] = 300
    frame = protect_tables(tables_of(panel, study), rules(), 100)["who"].frame  # type: ignore[arg-type]
    assert frame["patient_answers"].tolist()[:2] == [HIDDEN, HIDDEN]
    assert HIDDEN not in {frame["patient_answers"].iloc[2], *frame["staff_answers"]}


def test_each_row_has_the_rules_of_its_own_source_and_kind(
    panel: pd.DataFrame, study: StudyParameters
) -> None:
    """Percentages as percentages, staff by staff rules; intervals go with their value."""
    panel.loc[0, ["mediator", "mediator_base", "exposure_base"]] = (0.0, 40, 40)
    panel.loc[1, ["mediator_base", "exposure_base"]] = (20, 20)
    panel.loc[2, "outcome_base"] = 20
    panel["mediator_variance"] = panel["exposure_variance"] = 1.0
    done = protect_tables(tables_of(panel, study), rules("opensafely", "cqc_survey"), 100)  # type: ignore[arg-type]
    frame = done["organisations"].frame.set_index(["measure", "period", "unit"]).sort_index()
    assert (frame.loc[("Staff burnout", "2021", "T0"), ["value", "conf_low"]] == HIDDEN).all()
    assert frame.loc[("Staff engagement", "2021", "T0"), "value"] == 7.0
    assert frame.loc[("Staff engagement", "2021", "T1"), "value"] == 7.0
    assert frame.loc[("Overall patient experience", "2021", "T2"), "value"] == HIDDEN
    assert frame.loc[("Staff engagement", "2024", "T0"), "value"] == 7.03
    shown = frame.loc["Overall patient experience", "value"]
    assert all(round(v, 1) == v for v in shown[shown != HIDDEN])


def test_a_percentage_over_periods_is_protected_as_one(
    panel: pd.DataFrame, study: StudyParameters
) -> None:
    """Where the staff measure is a percentage, so is its average over trusts."""
    share = study.model_copy(update={"exposure_kind": "percentage"})
    kinds = {c.name: c.kind for c in table_specs.trend_spec(share).columns}  # type: ignore[arg-type]
    assert kinds["exposure"] == "percentage"
    panel["exposure"] = 100.0
    trend = protect_tables(tables_of(panel, share), rules("tre10", "fft"), 100)["trend"].frame  # type: ignore[arg-type]
    assert (trend["exposure"] == HIDDEN).all()


def test_intervals_tell_no_more_than_the_rounded_base() -> None:
    """1.96 x 2 / sqrt(97) would tell 97; at the rounded 95 the half width is 0.4022."""
    half = 1.959964 * 2 / np.sqrt(97)
    frame = pd.DataFrame(
        {"unit": ["a"], "value": [8.0], "low": 8 - half, "high": 8 + half, "base": 97}
    )
    columns = (
        Column("unit", "U", "label"),
        Column("value", "V", "mean", ("staff",), "base", 4),
        Column("low", "L", "mean", ("staff",), "base", 4, interval_of="value"),
        Column("high", "H", "mean", ("staff",), "base", 4, interval_of="value"),
        Column("base", "B", "count", ("staff",)),
    )
    spec = TableSpec("t", "T", "D", columns)
    row = protect_tables([(spec, frame)], rules("gss_default"))["t"].frame.iloc[0]  # type: ignore[arg-type]
    assert row.tolist() == ["a", 8.0, round(8 - 0.40218, 4), round(8 + 0.40218, 4), 95]


@pytest.mark.parametrize(("profile", "shown"), [("tre10", HIDDEN), ("staff", 7)])
def test_numbers_of_organisations_follow_their_profile(profile: str, shown: object) -> None:
    """Seven trusts are hidden where organisations are not exempt, and shown where they are."""
    columns = (
        Column("group", "G", "label"),
        Column("trusts", "T", "count", ("staff",), counts="organisations"),
        Column("people", "P", "count", ("staff",)),
    )
    frame = pd.DataFrame({"group": list("abc"), "trusts": [7, 40, 50], "people": [700, 900, 901]})
    done = protect_tables([(TableSpec("t", "T", "D", columns), frame)], rules(profile))  # type: ignore[arg-type]
    assert done["t"].frame["trusts"].tolist()[0] == shown


def test_people_of_two_trusts_are_hidden_with_the_rest(
    panel: pd.DataFrame, study: StudyParameters
) -> None:
    """Each of two trusts could take its own people away; the complement goes with them."""
    panel["london"] = panel["unit"] < "T2"
    panel[["exposure_base", "mediator_base", "outcome_base"]] = 300.0
    frame = protect_tables(tables_of(panel, study), rules(), 100)["who"].frame  # type: ignore[arg-type]
    assert frame["trusts"].tolist() == [7, 2, 9]
    assert frame["staff_answers"].tolist() == [HIDDEN, HIDDEN, 300 * TRUSTS * PERIODS]
