"""Checks of a register of stories: is it whole, do tellers agree to be heard, who is not heard."""

import numpy as np
import pandas as pd

from evalkit.insight.stories import Register
from evalkit.results import Check, Result, Verdict
from evalkit.results.words import number, values_table
from evalkit.study.fields import TOUCHPOINTS

WHOLE = 90.0
"""Per cent of actions that should have an owner and a day, for their share to mean something."""
FEWEST = 10


def check_stories(register: Register, result: Result) -> list[Check]:
    """Ask of a register what its shares rest on."""
    return [
        check_whole(register),
        check_consent(register),
        check_journey(register),
        check_number(result),
    ]


def check_whole(register: Register) -> Check:
    """Ask whether each action has an owner and a day by which it is due."""
    acted = register.stories[register.stories["action"].notna()]
    owner = acted["owner"].notna() if "owner" in acted else pd.Series(True, index=acted.index)
    share = 100 * float((owner & acted["due"].notna()).mean()) if len(acted) else 0.0
    return Check(
        "Each action has an owner and a day",
        "Is it known who does what by when?",
        "passes" if share >= WHOLE else "concern",
        f"{number(share, 0)}% of actions have both",
        f"Below {number(WHOLE, 0)}% it is a concern",
        "An action that nobody owns, or that is never due, cannot be late",
        values_table({"known": share, "wanted": WHOLE}, 0),
        name="whole",
    )


def check_consent(register: Register) -> Check:
    """Ask whether what each teller agreed to is known."""
    known = 100 * float(register.stories["consent"].notna().mean())
    return Check(
        "What each teller agreed to is on record",
        "Is it known who may read each story?",
        "passes" if register.stories["consent"].notna().all() else "concern",
        f"It is for {number(known, 0)}% of stories",
        "Any other story is shown to nobody, and counts in the shares alone",
        "A story told beyond what its teller agreed to is a breach of trust, and of the law",
        values_table({"known": known}, 0),
        name="consent",
    )


def check_journey(register: Register) -> Check:
    """Ask whether stories were heard from all along the journey, and from carers."""
    heard = set(register.stories["touchpoint"].dropna()) & set(TOUCHPOINTS)
    silent, carers = len(TOUCHPOINTS) - len(heard), (register.stories["teller"] == "carer").any()
    verdict: Verdict = "passes" if not silent and carers else "concern"
    told = "carers told some" if carers else "carers told none"
    return Check(
        "Stories are heard from all along the journey, and from carers",
        "From where along the journey was no story heard?",
        verdict,
        f"No story was heard from {silent} of {len(TOUCHPOINTS)} touchpoints; {told}",
        "a description, not a test",
        "Silence is not content: nobody may have been asked there",
        values_table({"silent": silent, "touchpoints": len(TOUCHPOINTS)}, 0),
        name="journey",
    )


def check_number(result: Result) -> Check:
    """Ask whether there are enough stories for the share to be told."""
    stories = float(result.headline["n"])
    return Check(
        "There are enough stories for a share to be told",
        "Are there enough stories?",
        "passes" if stories >= FEWEST else "concern",
        "There are" if stories >= FEWEST else f"There are fewer than {FEWEST}",
        f"{FEWEST} are the fewest",
        "Of few stories one more or less moves the share by much, and tells who they are",
        values_table({"fewest": FEWEST}, 0),
        name="number",
        blocks=bool(stories < FEWEST or np.isnan(stories)),
    )
