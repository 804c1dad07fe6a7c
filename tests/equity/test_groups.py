"""Groups: fifths from tenths, those not known kept, means and differences by hand, refusals."""

import numpy as np
import pandas as pd
import pytest

from evalkit.equity.editions import require_edition
from evalkit.equity.groups import (
    CORE20,
    NOT_KNOWN,
    add_groups,
    tabulate_groups,
    tabulate_known,
)
from evalkit.equity.response import tabulate_response
from evalkit.errors import AnalysisError, DataError

LEVEL = 0.95


def answers() -> pd.DataFrame:
    """Return eight answers of four wards, one person's place not known."""
    return add_groups(
        pd.DataFrame(
            {
                "unit": list("abcdabcd"),
                "outcome": [4.0, 6.0, 8.0, 8.0, 6.0, 8.0, 10.0, 5.0],
                "deprivation_decile": [1, 2, 3, 4, 2, 9, 10, np.nan],
                "sex": ["female"] * 4 + ["male"] * 3 + ["not stated"],
                "plus_group": ["homeless", None, None, None, None, None, None, None],
            }
        )
    )


def test_fifths_and_those_not_known_are_groups() -> None:
    """Tenths 1 and 2 are the most deprived fifth; a missing tenth is a group; no PLUS group too."""
    made = answers()
    assert (made["deprivation"] == CORE20).sum() == 3
    assert made["deprivation"].iloc[-1] == NOT_KNOWN
    assert made["sex"].iloc[-1] == NOT_KNOWN
    assert made["plus_group"].to_list() == ["homeless", *["None"] * 7]


def test_means_and_differences_by_hand() -> None:
    """The most deprived fifth: mean 16/3 against 34/4 of those known and other."""
    table = tabulate_groups(answers(), LEVEL, fewest=2)
    row = table[table["group"] == CORE20].iloc[0]
    assert row["answers"] == 3
    assert row["mean"] == pytest.approx(16 / 3)
    assert row["difference"] == pytest.approx(16 / 3 - 34 / 4)
    assert row["difference_low"] < row["difference"] < row["difference_high"]


def test_a_small_group_is_counted_and_not_estimated() -> None:
    """A group below the fewest rows has its number and nothing else."""
    table = tabulate_groups(answers(), LEVEL, fewest=3)
    unknown = table[(table["group"] == NOT_KNOWN) & (table["dimension"] == "Sex")].iloc[0]
    assert unknown["answers"] == 1
    assert unknown[["mean", "difference"]].isna().all()


def test_known_shares_count_what_is_missing() -> None:
    """Seven of eight places are known; who is in no PLUS group is not unknown."""
    known = tabulate_known(answers()).set_index("dimension")
    assert known.loc["Deprivation", "known"] == 7
    assert known.loc["Deprivation", "share"] == pytest.approx(87.5)
    assert "PLUS group" not in known.index


def test_response_is_of_those_who_could_have_answered() -> None:
    """Three of six in the most deprived fifth answered: 50%, inside its interval."""
    eligible = add_groups(
        pd.DataFrame({"deprivation_decile": [1.0, 4.0, 10.0], "people": [6.0, 4.0, 8.0]})
    )
    table = tabulate_response(answers(), eligible, LEVEL).set_index("group")
    assert table.loc[CORE20, "rate"] == pytest.approx(50)
    assert table.loc[CORE20, "rate_low"] < 50 < table.loc[CORE20, "rate_high"]


def test_places_that_are_no_tenths_are_refused() -> None:
    """A rank in place of a tenth is told, without its value."""
    frame = pd.DataFrame({"deprivation_decile": [1.0, 15000.0], "outcome": [1.0, 2.0]})
    with pytest.raises(AnalysisError, match="1 rows are no whole number from 1 to 10"):
        add_groups(frame)


@pytest.mark.parametrize("said", [["2019", "2025"], ["2025", "2025"], [2025.0, 2019.0]])
def test_editions_are_never_mixed(said: list[object]) -> None:
    """Places of another edition are refused, all or some; places of the one asked for are not."""
    with pytest.raises(DataError, match="of another edition than 2019"):
        require_edition(pd.DataFrame({"imd_version": said}), "2019")
    require_edition(pd.DataFrame({"imd_version": ["2019", None, "2019"]}), "2019")
    require_edition(pd.DataFrame({"outcome": [1.0]}), "2019")
