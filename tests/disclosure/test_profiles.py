"""Rule sets: all eight are there, each rule has its source, and the strictest holds."""

from dataclasses import fields, replace
from importlib.resources import files
from typing import get_args

import pandas as pd
import pytest
import yaml

from evalkit.disclosure.profiles import MARKER, Profile, load_profiles, strictest
from evalkit.disclosure.suppress import protect_table
from evalkit.errors import DisclosureError
from evalkit.record import Column, TableSpec
from evalkit.study.fields import Profile as ProfileName

# Worked out by hand from each publisher's rule: a count and a mean that rests on it,
# one below the limit of the count, at it, and zero.
EDGES = {
    "fft": (4, 5, "[c]", 5, 0, "[c]", 5.1),
    "hes": (7, 8, "[c]", 10, 0, "[c]", 5.1),
    "gpps": (9, 10, "[c]", 10, 0, "[c]", 5.1),
    "staff": (10, 11, "[c]", 11, 0, "[c]", 5.1),
    "cqc_survey": (9, 10, "[c]", 10, 0, "[c]", "[c]"),
    "tre10": (9, 10, "[c]", 10, "[c]", "[c]", 5.1),
    "gss_default": (4, 5, "[c]", 5, "[c]", "[c]", 5.1),
    "opensafely": (7, 8, "[c]", 10, 0, "[c]", 5.1),
}
SPEC = TableSpec(
    name="edges",
    title="Edges",
    description="At the limit",
    columns=(
        Column("group", "Group", "label"),
        Column("people", "People", "count", ("one",)),
        Column("score", "Score", "mean", ("one",), "people", 1),
    ),
)


def test_every_profile_of_the_parameters_has_rules() -> None:
    """The rule sets are those that a parameter file may name, no more and no fewer."""
    assert set(load_profiles()) == set(get_args(ProfileName))


def test_every_rule_says_where_it_comes_from() -> None:
    """Each rule of each set has exactly one tag: SF, MEM or OUR."""
    text = files("evalkit.disclosure").joinpath("profiles.yml").read_text("utf-8")
    rules = {f.name for f in fields(Profile)} - {"name", "title"}
    for name, entry in yaml.safe_load(text).items():
        tagged = [rule for names in entry["tags"].values() for rule in names]
        assert sorted(tagged) == sorted(rules), name
        assert set(entry["tags"]) <= {"SF", "MEM", "OUR"}
        assert set(entry) == rules | {"title", "tags", "note"}


@pytest.mark.parametrize("name", EDGES)
def test_the_edge_of_each_profile_by_hand(name: str) -> None:
    """One below the limit is hidden, the limit is shown, zero as the publisher says."""
    below, limit, low, at, zero, low_score, limit_score = EDGES[name]
    frame = pd.DataFrame(
        {
            "group": ["a", "b", "c", "d"],
            "people": [below, limit, 0, 100],
            "score": [5.12, 5.12, None, 5.12],
        }
    )
    shown = protect_table(frame, SPEC, {"one": load_profiles()[name]}).frame
    assert shown["people"].tolist() == [low, at, zero, 100]
    assert shown["score"].tolist()[:2] == [low_score, limit_score]
    assert shown["score"].tolist()[3] == 5.1


def test_the_strictest_of_two_takes_each_rule_from_the_stricter() -> None:
    """Staff and opensafely: limit 11 of the one, rounding and 0% of the other."""
    rules = load_profiles()
    both = strictest([rules["staff"], rules["opensafely"]])
    assert (both.smallest_count, both.rounding_base, both.smallest_base) == (11, 5, 11)
    assert not both.whole_group_shown
    assert both.zero_shown
    assert both.most_rows == 5000
    assert both.name == "opensafely+staff"


def test_the_strictest_is_no_laxer_than_any_of_its_parts() -> None:
    """For every pair, no rule of the combination is laxer than that of either part."""
    rules = list(load_profiles().values())
    for first in rules:
        for second in rules:
            both = strictest([first, second])
            for part in (first, second):
                assert strictest([both, part]) == replace(
                    both, name=strictest([both, part]).name, title=strictest([both, part]).title
                )


def test_an_exempt_estimate_is_exempt_only_alone() -> None:
    """Estimates from hospital statistics are exempt; with a staff source they are not."""
    rules = load_profiles()
    assert rules["hes"].smallest_estimate_base == 0
    assert strictest([rules["hes"], rules["staff"]]).smallest_estimate_base == 10


def test_scores_of_patient_surveys_stand_at_one_decimal_and_estimates_at_their_own() -> None:
    """A mean from a CQC survey has one decimal at most; an estimate keeps its three."""
    columns = (
        Column("group", "G", "label"),
        Column("people", "P", "count", ("one",)),
        Column("score", "S", "mean", ("one",), "people", 2),
        Column("effect", "E", "estimate", ("one",), "people", 3),
    )
    frame = pd.DataFrame({"group": ["a"], "people": [90], "score": [8.126], "effect": [0.1234]})
    done = protect_table(
        frame, TableSpec("t", "T", "D", columns), {"one": load_profiles()["cqc_survey"]}
    )
    assert done.frame.loc[0, ["score", "effect"]].tolist() == [8.1, 0.123]


def test_no_rules_are_refused() -> None:
    """A table without any source's rules cannot be protected."""
    with pytest.raises(DisclosureError, match="no rules were named"):
        strictest([])


def test_the_marker_is_a_word_that_a_screen_reader_reads() -> None:
    """A hidden cell is [c], never a star or a dash."""
    assert MARKER == "[c]"
