"""What the data are: reliability by construction, and tables that add up."""

import numpy as np
import pandas as pd
import pytest

from evalkit.measures import tabulate
from evalkit.measures.reliability import signal_within, split_variation


@pytest.fixture
def panel() -> pd.DataFrame:
    """Return 400 trusts over ten periods: signal 1 within, 2 between, noise 1, and a trend."""
    rng = np.random.default_rng(5)
    trusts, periods = 400, 10
    shape = (periods, trusts)
    signal = 2 * rng.normal(size=trusts) + rng.normal(size=shape)
    trend = 5 * np.arange(periods)[:, None]
    unit = np.tile([f"T{i:03d}" for i in range(trusts)], periods)
    time = np.repeat(np.arange(periods), trusts)
    return pd.DataFrame(
        {
            "unit": unit,
            "unit_name": unit,
            "time": time,
            "period": (2001 + time).astype(str),
            "exposure": (signal + trend + rng.normal(size=shape)).ravel(),
            "exposure_base": 100.0,
            "exposure_variance": 1.0,
            "outcome": signal.ravel(),
            "outcome_base": 50.0,
            "outcome_variance": np.nan,
            "london": np.char.endswith(unit.astype(str), "0"),
        }
    )


def test_signal_and_noise_are_split(panel: pd.DataFrame) -> None:
    """Half the movement within trusts is noise, and the common trend is not counted."""
    parts = split_variation(panel, "exposure")
    assert parts["sd_within"] == pytest.approx(np.sqrt(2), rel=0.03)
    assert parts["reliability_within"] == pytest.approx(0.5, abs=0.03)
    assert parts["sd_between"] == pytest.approx(np.sqrt(4 + 0.2), rel=0.08)
    assert parts["reliability_between"] == pytest.approx(1 - 0.1 / 4.2, abs=0.01)
    assert signal_within(panel, "exposure") == pytest.approx(1.0, rel=0.05)


def test_trusts_seen_once_do_not_count_within(panel: pd.DataFrame) -> None:
    """Noisy trusts seen once tell nothing of movement within trusts, nor do late high scorers."""
    once = panel[panel["time"] == 9].assign(
        unit=lambda f: f["unit"] + "x", exposure_variance=50.0, exposure=lambda f: f["exposure"] + 9
    )
    both = pd.concat([panel, once], ignore_index=True)
    parts, before = split_variation(both, "exposure"), split_variation(panel, "exposure")
    assert parts["sd_within"] == pytest.approx(before["sd_within"])
    assert parts["reliability_within"] == pytest.approx(before["reliability_within"])


def test_degrees_of_freedom_count_trusts_and_periods() -> None:
    """Three trusts over 16 periods: the spread within trusts is not understated."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(300):
        unit, time = np.repeat([f"T{i}" for i in range(3)], 16), np.tile(np.arange(16), 3)
        frame = pd.DataFrame({"unit": unit, "time": time, "exposure": rng.normal(size=48)})
        found.append(split_variation(frame, "exposure")["sd_within"] ** 2)
    assert np.mean(found) == pytest.approx(1.0, abs=0.05)


def test_unknown_noise_is_not_taken_for_none(panel: pd.DataFrame) -> None:
    """Where the sampling variance is unknown, reliability is missing, not one."""
    parts = split_variation(panel, "outcome")
    assert np.isnan(parts["reliability_within"])
    assert np.isnan(parts["reliability_between"])


def test_groups_add_up_to_the_total(panel: pd.DataFrame, parameters_with_london: object) -> None:
    """Trusts and answers of the groups sum to the total row."""
    table = tabulate.tabulate_who(panel, parameters_with_london)  # type: ignore[arg-type]
    parts, total = table[table["group"] != tabulate.ALL], table[table["group"] == tabulate.ALL]
    for column in ("trusts", "staff_answers", "patient_answers"):
        assert parts[column].sum() == total[column].iloc[0]
    assert total["staff_answers"].iloc[0] == 400 * 10 * 100


def test_missing_values_are_counted(panel: pd.DataFrame, parameters_with_london: object) -> None:
    """A trust and period without a value counts as missing, and as absent from the rows."""
    panel.loc[[0, 5, 9], "outcome"] = np.nan
    table = tabulate.tabulate_quality(panel, parameters_with_london)  # type: ignore[arg-type]
    row = table[table["measure"].str.startswith("Overall")].iloc[0]
    assert (row["rows"], row["missing"]) == (3997, 3)


def test_organisations_have_the_interval_of_their_base(
    panel: pd.DataFrame, parameters_with_london: object
) -> None:
    """A value's interval is 1.96 standard errors each way; unknown noise gives none."""
    table = tabulate.tabulate_organisations(panel, parameters_with_london)  # type: ignore[arg-type]
    staff = table[table["measure"] == "Staff engagement"].iloc[0]
    assert staff["conf_high"] - staff["value"] == pytest.approx(1.959964, abs=1e-5)
    patients = table[table["measure"].str.startswith("Overall")]
    assert patients["conf_low"].isna().all()


def test_organisations_say_whose_rules_protect_them(
    panel: pd.DataFrame, parameters_with_london: object
) -> None:
    """Each row names its source, and whether it is a score or a percentage."""
    made = panel.assign(mediator=30.0, mediator_base=100.0, felt=8.0)
    table = tabulate.tabulate_organisations(made, parameters_with_london)  # type: ignore[arg-type]
    found = table.groupby("measure")[["source", "scale"]].agg(lambda cells: " ".join(set(cells)))
    assert found.loc["Staff burnout"].tolist() == ["staff", "percentage"]
    assert found.loc["Staff engagement"].tolist() == ["staff", "score"]
    assert found.loc["Felt experience"].tolist() == ["patient", "score"]
