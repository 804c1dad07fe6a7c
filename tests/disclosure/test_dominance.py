"""Costs of which few contributors make up nearly all: hidden, their total too, the rest shown."""

from dataclasses import replace

import pandas as pd
import pytest

from evalkit.disclosure.dominance import BESIDE_AMOUNT
from evalkit.disclosure.primary import DOMINATED
from evalkit.disclosure.profiles import MARKER, Profile, load_profiles, strictest
from evalkit.disclosure.study_tables import protect_and_prove, protect_tables
from evalkit.disclosure.suppress import ProtectedTable, protect_table
from evalkit.record import Column, TableSpec
from evalkit.record.contributions import CONTRIBUTIONS, SHARES

SPEC = TableSpec(
    "costs",
    "Costs",
    "By item.",
    (
        Column("payer", "Payer", "label"),
        Column("item", "Item", "label"),
        Column("amount", "Amount", "estimate", ("costs",), "people", 0, "pounds"),
        Column("each", "For each person", "estimate", ("costs",), "people", 2, "pounds"),
        Column("people", "People", "count", ("costs",), decimals=0),
        *CONTRIBUTIONS,
    ),
)
PEOPLE = 400
HES = load_profiles()["hes"]


def costs(*rows: tuple[str, str, float, float, float]) -> pd.DataFrame:
    """Return lines of cost: payer, item, amount, shares of the largest unit and of the next."""
    frame = pd.DataFrame(rows, columns=["payer", "item", "amount", *SHARES])
    return frame.assign(each=frame["amount"] / PEOPLE, people=float(PEOPLE))


def protected(frame: pd.DataFrame, rules: Profile = HES) -> ProtectedTable:
    """Protect lines of cost by one set of rules."""
    return protect_table(frame, SPEC, {"costs": rules})


def hidden(table: ProtectedTable) -> list[str]:
    """Return the items whose amount is hidden."""
    return [
        item
        for item, cell in zip(table.frame["item"], table.frame["amount"], strict=True)
        if cell == MARKER
    ]


@pytest.mark.parametrize("name", load_profiles())
@pytest.mark.parametrize(
    ("first", "second", "unsafe"),
    [(80.0, 11.0, False), (80.0, 13.0, True), (50.0, 45.0, False), (50.0, 46.0, True)],
)
def test_the_edge_of_the_rule_by_hand(name: str, first: float, second: float, unsafe: bool) -> None:
    """80% with 9% left over is shown and with 7% hidden; 50% with 5% left over shown, 4% hidden."""
    table = protected(costs(("nhs", "staff", 4000.0, first, second)), load_profiles()[name])
    assert (hidden(table) == ["staff"]) is unsafe
    assert (table.frame["each"].tolist() == [MARKER]) is unsafe
    assert table.frame["people"].tolist() == [PEOPLE]


@pytest.mark.parametrize("shares", [(100.0, 0.0), (60.0, 40.0)])
def test_one_contributor_or_two_are_hidden(shares: tuple[float, float]) -> None:
    """What one unit spent alone is its own, and of two each can take its own away."""
    table = protected(costs(("nhs", "staff", 4000.0, *shares)))
    assert hidden(table) == ["staff"]
    assert table.log == {DOMINATED: 2}


def test_shares_are_in_no_protected_table_nor_its_specification() -> None:
    """What says that a row is dominated stays in the record, where nothing is dominated too."""
    table = protected(costs(("nhs", "staff", 4000.0, 20.0, 20.0)))
    assert not set(SHARES) & {*table.frame.columns, *(c.name for c in table.spec.columns)}
    assert table.frame["amount"].tolist() == [4000]


def test_the_total_of_a_payer_does_not_give_a_dominated_amount_away() -> None:
    """Of 4,000, 3,900 one unit's: 390 must be in doubt, so 500 is hidden beside it and not 50.

    Another payer's lines are left alone.
    """
    frame = costs(
        ("nhs", "rent", 4000.0, 97.5, 2.5),
        ("nhs", "tea", 50.0, 20.0, 20.0),
        ("nhs", "pay", 500.0, 20.0, 20.0),
        ("nhs", "time", 9000.0, 20.0, 20.0),
        ("carers", "time", 60.0, 20.0, 20.0),
    )
    table = protected(frame)
    assert hidden(table) == ["rent", "pay"]
    assert table.log == {DOMINATED: 2, BESIDE_AMOUNT: 2}
    seen = table.frame[table.frame["amount"] != MARKER]["amount"].sum()
    assert frame["amount"].sum() - seen - 4000 >= 390


def test_amounts_too_small_one_by_one_are_hidden_together() -> None:
    """Where no other amount is large enough, the largest go until they suffice together."""
    frame = costs(
        ("nhs", "rent", 4000.0, 97.5, 2.5),
        ("nhs", "tea", 50.0, 20.0, 20.0),
        ("nhs", "pay", 200.0, 20.0, 20.0),
        ("nhs", "time", 210.0, 20.0, 20.0),
    )
    assert hidden(protected(frame)) == ["rent", "pay", "time"]


def test_protecting_again_and_in_another_order_hides_the_same() -> None:
    """The outcome depends on no order of rows, and is its own protection."""
    frame = costs(
        ("nhs", "rent", 4000.0, 97.5, 2.5),
        ("nhs", "pay", 500.0, 20.0, 20.0),
        ("nhs", "time", 900.0, 20.0, 20.0),
    )
    table = protected(frame)
    assert sorted(hidden(protected(frame.iloc[::-1]))) == sorted(hidden(table))
    again = protect_table(table.frame, table.spec, {"costs": HES})
    assert again.frame.equals(table.frame)


def test_the_share_is_data_and_the_strictest_holds() -> None:
    """With 5% of the largest, 7% left over is shown; beside a rule of 10% it is hidden."""
    laxer = replace(HES, dominance_percent=5)
    frame = costs(("nhs", "staff", 4000.0, 80.0, 13.0))
    assert hidden(protected(frame, laxer)) == []
    assert hidden(protected(frame, strictest([laxer, HES]))) == ["staff"]


def test_tables_with_shares_are_protected_and_proved_with_the_others() -> None:
    """A whole study's protection takes them, and keeps no share for the releases after it."""
    frame = costs(("nhs", "staff", 4000.0, 80.0, 13.0))
    rules = {"costs": load_profiles()["staff"]}
    assert hidden(protect_tables([(SPEC, frame)], rules)["costs"]) == ["staff"]
    parts = protect_and_prove([(SPEC, frame)], rules)[1]
    assert not set(SHARES) & {c.name for part in parts for c in part.spec.columns}
