"""What each source says of each theme, as coders wrote it down, for triangulation."""

import pandas as pd

from evalkit.synthetic.linked.causes import Causes
from evalkit.synthetic.linked.draws import random_for
from evalkit.synthetic.linked.places import Places

THEMES = (
    "being listened to",
    "kept informed",
    "dignity and respect",
    "waiting",
    "going home",
    "carers involved",
    "food and quiet",
    "staff wellbeing",
)
SOURCES = {
    "patient survey": "survey",
    "friends and family comments": "comments",
    "complaints and PALS": "complaints",
    "patient stories": "stories",
    "staff survey": "staff",
}
CODERS = ("a", "b", "lived_experience")
AGREES = 0.9
"""How often a coder codes a cell as it is."""
CODES = ("agreement", "partial", "silence", "dissonance")
_UNDETECTABLE = {
    ("staff wellbeing", "patient survey"),
    ("staff wellbeing", "complaints and PALS"),
    ("carers involved", "patient survey"),
    ("waiting", "staff survey"),
    ("food and quiet", "staff survey"),
}
FACET_OF = {
    "being listened to": "relational",
    "kept informed": "relational",
    "dignity and respect": "felt",
    "waiting": "functional",
    "going home": "functional",
}
"""The facet that a theme belongs to, where it belongs to one."""
SEEN = 0.2
"""Points that an effect must have for people to speak of it."""


def direction_of(places: Places, theme: str, source: str) -> str:
    """Say in which direction a source points on a theme in this world."""
    causes = places.causes
    if (theme, source) in _UNDETECTABLE:
        return "silent"
    if theme == "carers involved":
        return _of_carers(causes, source)
    if theme == "staff wellbeing":
        return "better" if causes.engagement > 0 else "same"
    effect = getattr(causes, FACET_OF[theme]) if theme in FACET_OF else 0.0
    if effect < SEEN:
        return "same"
    if causes.dissonant and source in ("friends and family comments", "complaints and PALS"):
        return "worse"
    return "silent" if theme == "kept informed" and source == "staff survey" else "better"


def _of_carers(causes: Causes, source: str) -> str:
    """Say what each source sees of carers: the patient survey does not ask them."""
    if source == "patient survey":
        return "silent"
    return "same" if causes.carer == 0 else ("better" if causes.carer > 0 else "worse")


def code_of(direction: str, of_survey: str) -> str:
    """Code how a source stands to the patient survey: `partial` where only one sees a change."""
    if "silent" in (direction, of_survey):
        return "silence"
    if direction == of_survey:
        return "agreement"
    return "partial" if "same" in (direction, of_survey) else "dissonance"


def make_evidence(places: Places) -> pd.DataFrame:
    """Make one row a theme, source and coder."""
    rng = random_for(places.seed, "evidence")
    rows = []
    for theme in THEMES:
        survey = direction_of(places, theme, "patient survey")
        for source, kind in SOURCES.items():
            direction = direction_of(places, theme, source)
            prominence = "none" if direction == "silent" else ("high", "low")[direction == "same"]
            for coder in CODERS:
                code = code_of(direction, survey)
                if rng.random() > AGREES:
                    code = CODES[int(rng.integers(0, len(CODES)))]
                rows.append(
                    {
                        "theme": theme,
                        "source": source,
                        "source_type": kind,
                        "direction": direction,
                        "prominence": prominence,
                        "example": _example(theme, direction),
                        "coder": coder,
                        "code": code,
                        "detectable": "no" if (theme, source) in _UNDETECTABLE else "yes",
                    }
                )
    return pd.DataFrame(rows)


def _example(theme: str, direction: str) -> str | None:
    if direction == "silent":
        return None
    words = {"better": "People say it is better now", "worse": "People say it is worse now"}
    return f"{words.get(direction, 'People say it is as before')}: {theme}"


def tabulate_codes(places: Places) -> dict[str, dict[str, str]]:
    """Give the true code of each theme and source."""
    return {
        theme: {
            source: code_of(
                direction_of(places, theme, source), direction_of(places, theme, "patient survey")
            )
            for source in SOURCES
        }
        for theme in THEMES
    }
