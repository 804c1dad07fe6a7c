"""How large a size is beside the smallest difference that matters, in words and as a value."""

from evalkit.results.words import number


def beside_least(size: float, least: float, unit: str, ends: tuple[float, float]) -> str:
    """Write `2.0 times` the smallest difference that matters, or `40% of` it where smaller.

    Where `ends`, the interval of `size`, hold sizes on both sides of that difference, it says so.
    """
    share = abs(size) / least
    times = f"{number(share, 1)} times" if share >= 1 else f"{number(100 * share, 0)}% of"
    said = f"{times} the smallest difference that would matter ({number(least)} {unit})"
    if any(ends[0] < bound < ends[1] for bound in (-least, least)):
        return f"{said}; its interval reaches from less than that to more"
    return said


def value_beside_least(size: float, least: float) -> tuple[str, float, int]:
    """Return name, value and decimals of the number that `beside_least` says."""
    share = abs(size) / least
    if share >= 1:
        return "times_important", share, 1
    return "percent_of_important", 100 * share, 0
