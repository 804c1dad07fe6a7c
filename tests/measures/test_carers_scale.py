"""The score of carers is asked whether it measures the same in both kinds of unit."""

import numpy as np
import pandas as pd
import pytest

from evalkit.checks.unpaid_carers import check_same
from evalkit.measures.carers import SACE_DOMAINS
from evalkit.measures.carers_scale import tabulate_sace_answers, tabulate_same_measure
from evalkit.measures.carers_study import Described
from evalkit.results import Verdict

CARERS = 1500


def draw(*, askew: bool, one: bool = True) -> pd.DataFrame:
    """Return first answers of two kinds of unit; `askew` words one question otherwise in one."""
    rng = np.random.default_rng(4)
    offered = np.arange(CARERS) % 2 == 0
    shared = rng.normal(size=(CARERS, 1)) if one else rng.normal(size=(CARERS, 6))
    if not one:
        shared[:, 1] = shared[:, 0]
        shared[:, 3] = shared[:, 2]
        shared[:, 5] = shared[:, 4]
    felt = 0.75 * shared + 0.65 * rng.normal(size=(CARERS, 6))
    felt[:, 2] += 1.2 * (askew & offered)
    options = 1 + (felt > -0.6).astype(float) + (felt > 0.7)
    return pd.DataFrame(options, columns=list(SACE_DOMAINS)).assign(offered=offered, wave="before")


def check(rows: pd.DataFrame) -> Verdict:
    """Return the verdict on answers."""
    nothing = pd.DataFrame()
    described = Described(
        carers=None,  # type: ignore[arg-type]
        groups=nothing,
        domains=nothing,
        identified=nothing,
        expected=nothing,
        answered=nothing,
        same=tabulate_same_measure(rows),
    )
    return check_same(described).verdict


@pytest.mark.parametrize(
    ("askew", "one", "verdict"),
    [(False, True, "passes"), (True, True, "concern"), (False, False, "cannot tell")],
)
def test_a_question_understood_otherwise_is_noticed(
    askew: bool, one: bool, verdict: Verdict
) -> None:
    """One scale passes; a question that is answered otherwise in one kind of unit is a concern."""
    assert check(draw(askew=askew, one=one)) == verdict


def test_without_two_kinds_of_unit_it_cannot_be_told() -> None:
    """Where every unit is alike, or none is marked, nothing is compared and nothing passes."""
    rows = draw(askew=False)
    assert check(rows.drop(columns="offered")) == "cannot tell"
    assert check(rows.assign(offered=True)) == "cannot tell"


def test_ends_and_gaps_are_counted_by_hand() -> None:
    """Of four carers two have no unmet need, one has much of it, and one does not say."""
    rows = pd.DataFrame({key: [1.0, 1.0, 3.0, np.nan] for key in SACE_DOMAINS}).assign(
        wave="before"
    )
    later = pd.DataFrame({key: [3.0] for key in SACE_DOMAINS}).assign(wave="after")
    first = tabulate_sace_answers(pd.concat([rows, later])).iloc[0]
    assert (first["domain"], first["asked"], first["answered"]) == ("Occupation", 4, 3)
    found = first[["ceiling", "floor", "item_non_response"]].to_list()
    assert found == pytest.approx([200 / 3, 100 / 3, 25])
