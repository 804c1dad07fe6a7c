"""Suppression by hand: each rule on a table small enough to check by eye."""

import pandas as pd
import pytest

from evalkit.disclosure.profiles import load_profiles
from evalkit.disclosure.suppress import ProtectedTable, protect_table
from evalkit.errors import DisclosureError
from evalkit.record import Column, Margin, TableSpec


def spec(*columns: Column, margins: tuple[Margin, ...] = ()) -> TableSpec:
    """Specify a table called `made`."""
    return TableSpec("made", "Made", "By hand", columns, margins)


def label(name: str) -> Column:
    """Specify a column of words."""
    return Column(name, name, "label")


def count(name: str, *sources: str) -> Column:
    """Specify a count."""
    return Column(name, name, "count", sources or ("one",))


def protect(frame: pd.DataFrame, table: TableSpec, profile: str = "staff") -> ProtectedTable:
    """Protect by one profile."""
    return protect_table(frame, table, {"one": load_profiles()[profile]}, whole=100)


TOTAL = (Margin("group", "total"),)


def test_a_second_cell_is_hidden_where_a_total_gives_the_first_away() -> None:
    """91 - 24 - 60 = 7 would be known, so the next smallest, 24, is hidden too."""
    frame = pd.DataFrame({"group": ["a", "b", "c", "total"], "people": [7, 24, 60, 91]})
    done = protect(frame, spec(label("group"), count("people"), margins=TOTAL))
    assert done.frame["people"].tolist() == ["[c]", "[c]", 60, 91]
    assert sum(done.log.values()) == 2


def test_two_small_cells_that_sum_to_little_need_a_third() -> None:
    """1 + 2 = 3 would leave each between 1 and 2, so 40 is hidden too."""
    frame = pd.DataFrame({"group": ["a", "b", "c", "d", "total"], "people": [1, 2, 40, 50, 93]})
    done = protect(frame, spec(label("group"), count("people"), margins=TOTAL))
    assert done.frame["people"].tolist() == ["[c]", "[c]", "[c]", 50, 93]


def test_a_two_way_table_hides_a_second_cell_in_its_row_and_its_column() -> None:
    """One small cell of a two-way table with both totals takes three more with it."""
    cells = {("n", "f"): 4, ("n", "m"): 40, ("s", "f"): 50, ("s", "m"): 60}
    rows = [(r, s, v) for (r, s), v in cells.items()]
    rows += [(r, "all", cells[r, "f"] + cells[r, "m"]) for r in "ns"]
    rows += [("all", s, cells["n", s] + cells["s", s]) for s in "fm"] + [("all", "all", 154)]
    frame = pd.DataFrame(rows, columns=["region", "sex", "people"])
    margins = (Margin("region", "all"), Margin("sex", "all"))
    done = protect(frame, spec(label("region"), label("sex"), count("people"), margins=margins))
    hidden = set(zip(frame["region"], frame["sex"], done.frame["people"] == "[c]", strict=True))
    assert {(r, s) for r, s, h in hidden if h} == set(cells)


def test_what_rests_on_a_hidden_count_is_hidden() -> None:
    """A mean whose base is hidden, or is below the limit, is hidden."""
    frame = pd.DataFrame({"group": list("abc"), "people": [5, 20, 40], "score": [1.0, 2.0, 3.0]})
    table = spec(
        label("group"), count("people"), Column("score", "s", "mean", ("one",), "people", 1)
    )
    assert protect(frame, table, "cqc_survey").frame["score"].tolist() == ["[c]", "[c]", 3.0]


def test_a_lone_hidden_mean_takes_a_second_with_it() -> None:
    """With the total's mean and all bases shown, one hidden mean could be worked out."""
    frame = pd.DataFrame(
        {"group": ["a", "b", "c", "total"], "people": [20, 40, 50, 110], "score": [1.0, 2, 3, 2.3]}
    )
    table = spec(
        label("group"),
        count("people"),
        Column("score", "s", "mean", ("one",), "people", 1),
        margins=TOTAL,
    )
    done = protect(frame, table, "cqc_survey")
    assert done.frame["people"].tolist() == [20, 40, 50, 110]
    assert done.frame["score"].tolist() == ["[c]", "[c]", 3.0, 2.3]


def test_the_rest_of_a_hidden_group_is_hidden() -> None:
    """Yes and no of one subgroup: if one is hidden so is the other, total or none."""
    frame = pd.DataFrame(
        {
            "subgroup": ["x", "x", "y", "y", "z", "z"],
            "group": ["yes", "no"] * 3,
            "people": [5, 90, 40, 55, 30, 65],
        }
    )
    done = protect(frame, spec(label("subgroup"), label("group"), count("people")))
    assert done.frame["people"].tolist() == ["[c]", "[c]", 40, 55, 30, 65]


def test_a_column_that_differs_by_a_known_number_is_hidden_too() -> None:
    """Residual degrees of freedom, one fewer than the clusters, give a hidden count away."""
    frame = pd.DataFrame({"group": list("abc"), "clusters": [10, 30, 45], "df": [9.0, 29, 44]})
    table = spec(
        label("group"), count("clusters"), Column("df", "df", "estimate", ("one",), "clusters", 0)
    )
    assert protect(frame, table).frame["df"].tolist() == ["[c]", 29, 44]
    exempt = spec(label("group"), count("clusters"), Column("df", "d", "count", ("two",)))
    rules = {"one": load_profiles()["staff"], "two": load_profiles()["fft"]}
    done = protect_table(frame, exempt, rules)
    assert done.frame["df"].tolist() == ["[c]", 29, 44]


def test_columns_that_add_up_protect_each_other() -> None:
    """All = answered + missing in every row, so a small `missing` hides a second cell."""
    frame = pd.DataFrame(
        {
            "group": list("abc"),
            "asked": [50, 60, 75],
            "answered": [47, 20, 30],
            "gone": [3, 40, 45],
        }
    )
    table = spec(label("group"), count("asked"), count("answered"), count("gone"))
    done = protect(frame, table)
    assert done.frame.loc[0, ["asked", "answered", "gone"]].tolist() == [50, "[c]", "[c]"]
    assert done.frame.loc[1, ["asked", "answered", "gone"]].tolist() == [60, 20, 40]


def test_a_percentage_that_tells_a_hidden_count_is_hidden() -> None:
    """24 of 91 is 26.4%: with 91 shown, the percentage would give the hidden 24 away."""
    frame = pd.DataFrame(
        {
            "group": ["a", "b", "c", "total"],
            "people": [7, 24, 60, 91],
            "all": [91, 91, 91, 91],
            "share": [7.7, 26.4, 65.9, 100.0],
        }
    )
    table = spec(
        label("group"),
        count("people"),
        count("all"),
        Column("share", "s", "percentage", ("one",), "all", 1),
        margins=(Margin("group", "total"),),
    )
    frame.loc[3, "all"] = 273
    done = protect(frame, table)
    assert done.frame["share"].tolist()[:2] == ["[c]", "[c]"]


def test_feedback_of_a_commissioners_trusts_is_hidden_as_its_publisher_does() -> None:
    """Of 232 answers from A (150), B (80) and C (2), C is hidden, then B, and A is shown."""
    frame = pd.DataFrame({"trust": ["A", "B", "C", "all"], "answers": [150, 80, 2, 232]})
    frame["positive"] = [90.0, 80.0, 50.0, 86.2]
    table = spec(
        label("trust"),
        count("answers"),
        Column("positive", "p", "percentage", ("one",), "answers", 1),
        margins=(Margin("trust", "all"),),
    )
    done = protect(frame, table, "fft").frame
    assert done["answers"].tolist() == [150, "[c]", "[c]", 232]
    assert done["positive"].tolist() == [90.0, "[c]", "[c]", 86.2]


def test_percentages_are_worked_out_from_rounded_counts() -> None:
    """13 of 52 is 25.0%; rounded to fives it is 15 of 50, 30.0%."""
    frame = pd.DataFrame({"group": ["a"], "people": [52], "share": [25.0]})
    table = spec(
        label("group"), count("people"), Column("share", "s", "percentage", ("one",), "people", 1)
    )
    done = protect(frame, table, "hes").frame
    assert (done.loc[0, "people"], done.loc[0, "share"]) == (50, 30.0)


@pytest.mark.parametrize(("share", "shown"), [(0.0, "[c]"), (100.0, "[c]"), (4.0, "[c]"), (40, 40)])
def test_percentages_of_nobody_everybody_and_few_are_hidden(share: float, shown: object) -> None:
    """Under tre10, 0%, 100% and a percentage that stands for fewer than ten are hidden."""
    frame = pd.DataFrame({"group": ["a"], "people": [100], "share": [share]})
    table = spec(
        label("group"), count("people"), Column("share", "s", "percentage", ("one",), "people", 1)
    )
    assert protect(frame, table, "tre10").frame.loc[0, "share"] == shown


def test_an_estimate_needs_a_base_of_ten() -> None:
    """An estimate on nine clusters is hidden, on ten it stands; few residual df hide it too."""
    frame = pd.DataFrame(
        {"group": list("abc"), "clusters": [9, 11, 40], "effect": 0.5, "df": [30.0, 30.0, 9.0]}
    )
    table = spec(
        label("group"),
        count("clusters"),
        Column("effect", "e", "estimate", ("one",), "clusters", 2),
        Column("df", "d", "estimate", ("one",), "clusters", 0),
    )
    assert protect(frame, table).frame["effect"].tolist() == ["[c]", 0.5, "[c]"]


def test_an_estimate_without_a_base_rests_on_the_whole_study() -> None:
    """It stands where the primary estimate rests on enough, and is hidden where it does not."""
    names = ["difference", "trusts", "between_trusts"]
    frame = pd.DataFrame({"name": names, "value": [0.5, 7.0, 0.3]})
    table = spec(label("name"), Column("value", "v", "estimate", ("one",), decimals=1))
    rules = {"one": load_profiles()["staff"]}
    assert protect_table(frame, table, rules, 40).frame["value"].tolist() == [0.5, "[c]", 0.3]
    assert protect_table(frame, table, rules, 9).frame["value"].tolist() == ["[c]"] * 3
    assert protect_table(frame, table, rules).frame["value"].tolist() == ["[c]"] * 3


def test_a_count_called_an_estimate_is_a_count() -> None:
    """A check's column `clusters` is protected as a count, whatever it is called."""
    frame = pd.DataFrame({"term": ["lag", "lead"], "clusters": [7, 70]})
    table = spec(label("term"), Column("clusters", "c", "estimate", ("one",)))
    assert "[c]" in protect(frame, table).frame["clusters"].tolist()


def test_several_sources_take_the_strictest_rule() -> None:
    """Ten people may be shown by one source and not by the other: they are hidden."""
    frame = pd.DataFrame({"group": list("abc"), "people": [10, 30, 45]})
    rules = {"one": load_profiles()["gpps"], "two": load_profiles()["staff"]}
    alone = protect_table(frame, spec(label("group"), count("people", "one")), rules)
    both = protect_table(frame, spec(label("group"), count("people", "one", "two")), rules)
    unnamed = spec(label("group"), Column("people", "p", "count"))
    assert alone.frame["people"].tolist() == [10, 30, 45]
    assert both.frame["people"].tolist() == ["[c]", 30, 45]
    assert protect_table(frame, unnamed, rules).frame.equals(both.frame)


@pytest.mark.parametrize("name", ["score_max", "minimum", "largest"])
def test_least_and_greatest_values_are_refused(name: str) -> None:
    """A column of extremes belongs to one person, and is refused by its name."""
    frame = pd.DataFrame({"group": ["a"], "people": [90], name: [1.0]})
    table = spec(label("group"), count("people"), Column(name, "x", "mean", ("one",), "people", 1))
    with pytest.raises(DisclosureError, match=f"least or greatest values.*{name}"):
        protect(frame, table)


def test_a_row_of_extremes_is_refused() -> None:
    """A row called max is refused as a column would be."""
    frame = pd.DataFrame({"statistic": ["mean", "max"], "people": [90, 90]})
    with pytest.raises(DisclosureError, match="1 rows"):
        protect(frame, spec(label("statistic"), count("people")))


def test_totals_that_do_not_add_up_are_refused() -> None:
    """A margin that is not true would make the check of totals worthless."""
    frame = pd.DataFrame({"group": ["a", "b", "total"], "people": [40, 50, 93]})
    with pytest.raises(DisclosureError, match="do not add up to their total"):
        protect(frame, spec(label("group"), count("people"), margins=TOTAL))


def test_all_faults_of_a_table_come_in_one_message_without_a_value() -> None:
    """Words among numbers, part people, no base and no precision are told together."""
    frame = pd.DataFrame({"people": [1.5], "score": ["secret"], "share": [5.0]})
    table = spec(
        count("people"), Column("score", "s", "mean", ("one",)), Column("share", "s", "percentage")
    )
    with pytest.raises(DisclosureError) as fault:
        protect(frame, table)
    for words in ("words or endless", "no whole numbers", "without a base", "decimals"):
        assert words in str(fault.value)
    assert "secret" not in str(fault.value)
    assert "1.5" not in str(fault.value)


def test_the_input_is_left_alone_and_the_log_holds_no_value() -> None:
    """Protecting works on a copy; the log has rules and counts of cells only."""
    frame = pd.DataFrame({"group": ["a", "b", "c", "total"], "people": [7, 24, 60, 91]})
    before = frame.copy()
    log = protect(frame, spec(label("group"), count("people"), margins=TOTAL)).log
    pd.testing.assert_frame_equal(frame, before)
    assert log == {"count of few people": 1, "hidden so that no total gives another away": 1}


def test_a_wholly_hidden_table_says_that_it_is_empty() -> None:
    """A table of small counts alone has nothing left to show."""
    frame = pd.DataFrame({"group": ["a", "b", "c"], "people": [1, 2, 4]})
    assert protect(frame, spec(label("group"), count("people"))).is_empty
