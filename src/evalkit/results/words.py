"""Numbers into words, the same way everywhere."""

import pandas as pd


def number(value: float, decimals: int = 2) -> str:
    """Write a number with fixed decimals, thousands separated, and never minus zero."""
    text = f"{value:,.{decimals}f}"
    return text.lstrip("-") if float(text.replace(",", "")) == 0 else text


def interval(low: float, high: float, level: float, decimals: int = 2) -> str:
    """Write an interval with its level: `95% interval 0.04 to 0.07`."""
    percent = f"{100 * level:g}%"
    return f"{percent} interval {number(low, decimals)} to {number(high, decimals)}"


def measured(value: float, unit: str) -> str:
    """Write a size with its unit, given in the plural: `0.2 points`, `1 point per month`."""
    head, per, rest = unit.partition(" per ")
    return f"{value:g} {head.removesuffix('s') if value == 1 else head}{per}{rest}"


def counted(count: int, singular: str) -> str:
    """Write a count with its noun: `1 trust`, `130 trusts`."""
    return f"{count:,} {singular}{'' if count == 1 else 's'}"


def counted_in_words(count: int, singular: str) -> str:
    """Write a small count as a word: `one quarter`, `two quarters`."""
    small = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return counted(count, singular).replace(str(count), small[count] if count < 10 else str(count))


def capital(words: str) -> str:
    """Return words with a capital first letter, as they begin a sentence."""
    return words[:1].upper() + words[1:]


def lowered(words: object) -> str:
    """Return words with a small first letter, as they stand inside a sentence."""
    text = str(words)
    return text[:1].lower() + text[1:]


def decimals_for(*values: float) -> int:
    """Two decimals, or as many as it takes that nothing but zero is shown as zero; six at most."""
    smallest = min((abs(v) for v in values if v != 0), default=1.0)
    return next((d for d in range(2, 6) if round(smallest, d) != 0), 6)


def listed(words: list[str]) -> str:
    """Join words as a sentence would: `a, b and c`; words that hold commas, by semicolons."""
    comma = "; " if any("," in word for word in words) else ", "
    return " and ".join([comma.join(words[:-1]), words[-1]] if len(words) > 1 else words)


def period_word(period: str) -> str:
    """Name the length of a period from how it is written: `2021Q1` is a quarter."""
    if "Q" in period.upper():
        return "quarter"
    return "year" if len(period) == 4 else "month"


def values_table(rows: dict[str, float], decimals: int | dict[str, int] = 2) -> pd.DataFrame:
    """Make the table of the numbers that a sentence uses, rounded as it says them."""
    places = decimals if isinstance(decimals, dict) else dict.fromkeys(rows, decimals)
    return pd.DataFrame(
        {
            "name": list(rows),
            "value": [round(float(v), places.get(k, 2)) + 0.0 for k, v in rows.items()],
        }
    )
