"""Plain scalars: what YAML 1.1 and 1.2 make of them, by hand from both texts."""

import math

import pytest
import yaml

from evalkit.study.yaml_scalars import (
    find_scalar_fault,
    kind_in_version_1_1,
    kind_in_version_1_2,
    read_scalar,
)

DIFFERENT = [
    ("no", "bool", "str"),
    ("Yes", "bool", "str"),
    ("ON", "bool", "str"),
    ("off", "bool", "str"),
    ("y", "bool", "str"),
    ("N", "bool", "str"),
    ("0o17", "str", "int"),
    ("089", "str", "int"),
    ("12:30:00", "int", "str"),
    ("12:30.5", "float", "str"),
    ("1_000", "int", "str"),
    ("1_0.5", "float", "str"),
    ("0b11", "int", "str"),
    ("-0x1F", "int", "str"),
    ("1e-3", "str", "float"),
    ("1e3", "str", "float"),
    ("1.5e3", "str", "float"),
    ("-.5", "str", "float"),
    ("2024-01-01", "timestamp", "str"),
    ("2024-01-01 10:00:00", "timestamp", "str"),
    ("=", "value", "str"),
    ("<<", "merge", "str"),
]
SAME = [
    ("", None),
    ("~", None),
    ("Null", None),
    ("True", True),
    ("FALSE", False),
    ("0", 0),
    ("-7", -7),
    ("+7", 7),
    ("0x1F", 31),
    ("1.", 1.0),
    (".5", 0.5),
    ("1.0e-3", 0.001),
    ("08.5", 8.5),
    ("nope", "nope"),
    ("1.2.3", "1.2.3"),
    ("2024/25", "2024/25"),
    ("2024-1", "2024-1"),
    ("R1A", "R1A"),
    ("1e", "1e"),
    ("٣", "٣"),
]


@pytest.mark.parametrize(("written", "old", "new"), DIFFERENT)
def test_scalars_that_the_versions_read_differently_are_refused(
    written: str, old: str, new: str
) -> None:
    """Both kinds are those of the two texts, and the message says to quote."""
    assert (kind_in_version_1_1(written), kind_in_version_1_2(written)) == (old, new)
    assert "quote it" in (find_scalar_fault(written) or "")


@pytest.mark.parametrize(("written", "value"), SAME)
def test_scalars_that_the_versions_read_alike_are_read(written: str, value: object) -> None:
    """The value and its type are those that PyYAML gives."""
    found = read_scalar(written)
    assert find_scalar_fault(written) is None
    assert (found, type(found)) == (value, type(value))
    assert (yaml.safe_load(written), type(yaml.safe_load(written))) == (value, type(value))


@pytest.mark.parametrize("written", ["0123", "007", "00", "-01"])
def test_zeros_in_front_are_refused_even_where_the_number_is_the_same(written: str) -> None:
    """A code such as 007 would lose its zeros without a word."""
    assert "zeros in front" in (find_scalar_fault(written) or "")


def test_an_exponent_comes_with_the_two_ways_to_write_it() -> None:
    """1e-3 is offered as 0.001 and as 1.0e-3; 1e-30, too long in digits, only as 1.0e-30."""
    assert "write 0.001 or 1.0e-3, or quote it" in (find_scalar_fault("1e-3") or "")
    assert (find_scalar_fault("1e-30") or "").endswith("write 1.0e-30, or quote it")
    assert (find_scalar_fault("-.5") or "").endswith("write -0.5, or quote it")


@pytest.mark.parametrize("written", ["1e-3", "1e3", "-.5", "2E5", "1.5e30", "1e400", "-1e-7"])
def test_every_number_offered_is_read_alike_and_is_the_same_number(written: str) -> None:
    """Whoever follows the advice is not refused again, and gets the number that was meant."""
    advice = (find_scalar_fault(written) or "").split("write ")[1].removesuffix(", or quote it")
    for offered in advice.split(" or "):
        assert find_scalar_fault(offered) is None
        assert read_scalar(offered) == float(written)


def test_not_a_number_and_infinity_are_read_as_such() -> None:
    """The value checks that follow can see them."""
    assert math.isnan(float(str(read_scalar(".nan"))))
    assert read_scalar("-.Inf") == -math.inf


def test_a_number_of_thousands_of_digits_is_refused() -> None:
    """Python itself would refuse to read it, with a traceback."""
    assert "more than 40 characters" in (find_scalar_fault("1" * 5000) or "")
