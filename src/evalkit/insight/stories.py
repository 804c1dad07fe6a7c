"""Stories: who may read which, and whether they were heard and acted on.

A story is told because it teaches. The register says what was learned, who acts by when, and
whether the teller heard of it; how many stories are about a thing says nothing of how common it
is, and is refused as a share. A story that was withdrawn is left out of everything.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.fits.proportions import fit_wilson_interval
from evalkit.inference.arrays import Flags
from evalkit.insight.free_text import show_text
from evalkit.results import Result
from evalkit.study.fields import TOUCHPOINTS
from evalkit.study.schemas.patient_stories import PatientStories

SCOPES = ("internal", "board", "public")
"""To whom a teller agreed, from the fewest to the most: who agreed to more agreed to fewer."""

SHARES = {
    "with_action": "An action was agreed",
    "closed_on_time": "The action was done by the day it was due",
    "fed_back": "The teller was told what came of it",
}
ALL = "all"
_TEXTS = ("text", "learning", "action")


@dataclass(frozen=True, slots=True)
class Register:
    """The stories that count, and which of them the audience may read."""

    stories: pd.DataFrame
    readable: Flags
    withdrawn: int


def open_register(stories: pd.DataFrame, audience: str) -> Register:
    """Leave out withdrawn stories, and find those whose tellers agreed to the audience.

    Raises AnalysisError for an unknown consent; a story without one is shown to nobody.
    """
    if audience not in SCOPES:
        raise AnalysisError(f"stories: no such audience. Name one of {', '.join(SCOPES)}.")
    consent = stories["consent"]
    unknown = consent.notna() & ~consent.isin(SCOPES)
    if unknown.any():
        raise AnalysisError(
            f"stories: {int(unknown.sum())} of {len(stories)} have a consent that is none of "
            f"{', '.join(SCOPES)}. Write what the teller agreed to, or leave it blank."
        )
    kept = stories[~stories["withdrawn"].astype(bool)].reset_index(drop=True)
    if kept.empty:
        raise AnalysisError(
            f"stories: all {len(stories)} were withdrawn, so there is nothing to say. "
            "Add stories whose tellers agree."
        )
    agreed = kept["consent"].isin(SCOPES[SCOPES.index(audience) :]).to_numpy(bool)
    return Register(kept, agreed, int(len(stories) - len(kept)))


def tabulate_stories(register: Register) -> pd.DataFrame:
    """Tabulate the stories that may be read: teller, touchpoint, their words, and what came of it.

    All free text is as `show_text` makes it; numbers of stories are not among the columns.
    """
    shown = register.stories[register.readable].sort_values("date", kind="stable")
    columns = {
        "story": shown["story"],
        "teller": shown["teller"],
        "touchpoint": shown["touchpoint"].map(_name_touchpoint),
        "theme": shown["theme"],
        **{name: shown[name].map(_quote) for name in _TEXTS if name in shown},
        "came_of_it": [_say_state(row) for _, row in shown.iterrows()],
    }
    return pd.DataFrame(columns).fillna("none stated").reset_index(drop=True)


def tabulate_shares(
    register: Register, as_of: pd.Timestamp, share: str, *, level: float = 0.95
) -> pd.DataFrame:
    """Tabulate a share of stories, in per cent with Wilson's interval, for all and by teller.

    `closed_on_time` is of the actions that were due by `as_of`; the others are of all stories
    told by then. Raises AnalysisError for any other share: what stories are about is no rate.
    """
    if share not in SHARES:
        raise AnalysisError(
            "stories: no share of stories says how common a thing is, so none is given of themes, "
            f"touchpoints or tellers. Ask for one of {', '.join(SHARES)}; for how often a theme is "
            "written about, use feedback_themes."
        )
    told = register.stories[register.stories["date"].isna() | (register.stories["date"] <= as_of)]
    base, done = _find_base(told, as_of, share), _find_done(told, as_of, share)
    tellers = told["teller"].fillna("not stated")
    groups = {ALL: np.ones(len(told), dtype=bool)}
    groups |= {str(name): (tellers == name).to_numpy(bool) for name in sorted(tellers.unique())}
    counts = np.array([[np.sum(base & g & done), np.sum(base & g)] for g in groups.values()])
    found = fit_wilson_interval(counts[:, 0], counts[:, 1], level=level)
    return pd.DataFrame(
        {
            "share": share,
            "label": SHARES[share],
            "group": list(groups),
            "estimate": 100 * found.estimate,
            "conf_low": 100 * found.conf_low,
            "conf_high": 100 * found.conf_high,
            "done": counts[:, 0],
            "stories": counts[:, 1],
        }
    )


def tabulate_heard(register: Register) -> pd.DataFrame:
    """Tabulate along the journey whether a story was heard at each touchpoint, and of what.

    Counts say where stories came from, and nothing of how common anything is.
    """
    known = register.stories.dropna(subset=["touchpoint"])
    rows = []
    for code, name in TOUCHPOINTS.items():
        there = known[known["touchpoint"] == code]
        rows.append(
            {
                "touchpoint": f"{code} {name}",
                "stories": len(there),
                "heard": "heard" if len(there) else "no story heard",
            }
        )
    return pd.DataFrame(rows)


def tabulate_overdue(register: Register, as_of: pd.Timestamp) -> pd.DataFrame:
    """Tabulate by owner how many actions were agreed, done, and are open past their day."""
    stories = register.stories
    acted = stories["action"].notna()
    closed = stories["closed"].notna() & (stories["closed"] <= as_of)
    late = acted & ~closed & (stories["due"] < as_of)
    owner = stories.get("owner", pd.Series("not stated", index=stories.index)).fillna("not stated")
    names = [ALL, *sorted(owner[acted].unique())]
    picked = {name: acted if name == ALL else acted & (owner == name) for name in names}
    rows = [
        {
            "owner": name,
            "actions": int(rows.sum()),
            "done": int((rows & closed).sum()),
            "overdue": int((rows & late).sum()),
        }
        for name, rows in picked.items()
    ]
    return pd.DataFrame(rows)


def day_of(parameters: PatientStories) -> pd.Timestamp:
    """Return the day on which the register is read."""
    return pd.Timestamp(parameters.as_of)


def estimate_study(register: Register, parameters: PatientStories) -> Result:
    """Make the result: each share of stories that were acted on, for all and by teller."""
    share, level, as_of = parameters.share, parameters.confidence_level, day_of(parameters)
    tables = [tabulate_shares(register, as_of, name, level=level) for name in SHARES]
    held = pd.concat(tables, ignore_index=True).rename(columns={"share": "term", "stories": "n"})
    teller = held["group"].replace("staff", "member of staff")
    told = np.where(held["group"] == ALL, "", ", told by a " + teller)
    estimates = held.assign(
        label=held["label"] + told,
        std_error=np.nan,
        level=level,
        clusters=np.nan,
        outcome="outcome",
        facet="overall",
        method="wilson",
        df=np.nan,
    )
    primary = {"term": share, "group": ALL, "method": "wilson"}
    first = (estimates["term"] == share) & (estimates["group"] == ALL)
    estimates = pd.concat([estimates[first], estimates[~first]], ignore_index=True)
    return Result("patient_stories", estimates, primary)


def _find_base(told: pd.DataFrame, as_of: pd.Timestamp, share: str) -> Flags:
    if share == "closed_on_time":
        return (told["action"].notna() & (told["due"] <= as_of)).to_numpy(bool)
    return np.ones(len(told), dtype=bool)


def _find_done(told: pd.DataFrame, as_of: pd.Timestamp, share: str) -> Flags:
    if share == "with_action":
        return told["action"].notna().to_numpy(bool)
    if share == "fed_back":
        return (told["fed_back"].notna() & (told["fed_back"] <= as_of)).to_numpy(bool)
    return (told["closed"].notna() & (told["closed"] <= told["due"])).to_numpy(bool)


def _say_state(row: "pd.Series[str]") -> str:
    if pd.isna(row["action"]):
        return "no action yet"
    done = "action done" if pd.notna(row["closed"]) else "action open"
    return f"{done}, teller told" if pd.notna(row["fed_back"]) else done


def _name_touchpoint(code: object) -> str:
    return f"{code} {TOUCHPOINTS[str(code)]}" if code in TOUCHPOINTS else "not stated"


def _quote(text: object) -> object:
    return show_text(text) if isinstance(text, str) else None
