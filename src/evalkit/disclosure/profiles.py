"""Disclosure rules as data: one set a publisher, and the strictest of several."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

from evalkit.errors import DisclosureError

MARKER = "[c]"
_RULES = "profiles.yml"


@dataclass(frozen=True, slots=True)
class Profile:
    """The rules that protect what was made from one source; `profiles.yml` explains each."""

    name: str
    title: str
    smallest_count: int
    zero_shown: bool
    rounding_base: int
    smallest_base: int
    smallest_estimate_base: int
    few_in_percentage: bool
    percentage_from_rounded: bool
    whole_group_shown: bool
    secondary: bool
    score_decimals: int | None
    organisations_exempt: bool
    smallest_organisations: int
    file_types: tuple[str, ...]
    most_rows: int | None
    most_bytes: int | None
    dominance_percent: int = 0
    """Of a release whose history was kept before there was this rule, it was not applied."""


NOTHING_MEASURED = MappingProxyType(
    {
        "assumptions": Profile(
            name="nothing_measured",
            title="Calculations from assumptions, without data",
            smallest_count=0,
            zero_shown=True,
            rounding_base=1,
            smallest_base=0,
            smallest_estimate_base=0,
            few_in_percentage=True,
            percentage_from_rounded=False,
            whole_group_shown=True,
            secondary=False,
            score_decimals=None,
            organisations_exempt=True,
            smallest_organisations=0,
            file_types=("csv", "json", "png", "svg"),
            most_rows=None,
            most_bytes=None,
        )
    }
)
"""The rules of a study that reads no data: there is nobody to protect."""


def load_profiles() -> MappingProxyType[str, Profile]:
    """Read the rule sets that come with the package, by name."""
    text = files("evalkit.disclosure").joinpath(_RULES).read_text("utf-8")
    return MappingProxyType(
        {name: _profile(name, entry) for name, entry in yaml.safe_load(text).items()}
    )


def strictest(profiles: Iterable[Profile]) -> Profile:
    """Combine rule sets: each rule is the strictest of theirs.

    Limits and the rounding base are the largest, decimals, rows and bytes the fewest; what
    any of them forbids is forbidden. Where a base is no multiple of another (3 and 5) the
    larger one holds, for only the one rounded number is ever published.
    """
    chosen = sorted(set(profiles), key=lambda profile: profile.name)
    if not chosen:
        raise DisclosureError(
            "disclosure: no rules were named. Name the profile of every source of the table."
        )
    return Profile(
        name="+".join(profile.name for profile in chosen),
        title="; ".join(profile.title for profile in chosen),
        smallest_count=max(p.smallest_count for p in chosen),
        zero_shown=all(p.zero_shown for p in chosen),
        rounding_base=max(p.rounding_base for p in chosen),
        smallest_base=max(p.smallest_base for p in chosen),
        smallest_estimate_base=max(p.smallest_estimate_base for p in chosen),
        few_in_percentage=all(p.few_in_percentage for p in chosen),
        percentage_from_rounded=any(p.percentage_from_rounded for p in chosen),
        whole_group_shown=all(p.whole_group_shown for p in chosen),
        secondary=any(p.secondary for p in chosen),
        score_decimals=_fewest(p.score_decimals for p in chosen),
        organisations_exempt=all(p.organisations_exempt for p in chosen),
        smallest_organisations=max(p.smallest_organisations for p in chosen),
        file_types=tuple(sorted(set.intersection(*(set(p.file_types) for p in chosen)))),
        most_rows=_fewest(p.most_rows for p in chosen),
        most_bytes=_fewest(p.most_bytes for p in chosen),
        dominance_percent=max(p.dominance_percent for p in chosen),
    )


def _profile(name: str, entry: dict[str, Any]) -> Profile:
    known = {field.name for field in fields(Profile)} - {"name"}
    values = {key: entry[key] for key in known}
    return Profile(name=name, **{**values, "file_types": tuple(entry["file_types"])})


def _fewest(limits: Iterable[int | None]) -> int | None:
    stated = [limit for limit in limits if limit is not None]
    return min(stated, default=None)
