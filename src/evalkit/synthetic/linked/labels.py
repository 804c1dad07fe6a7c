"""The 32 labels of patient comments, how common each is, and words of our own for each.

Shares per 100 comments follow the labelled public comments of 2021-22: many comments share a few
labels, and carers' concerns, discharge, safety and pain are rare.
"""

from dataclasses import dataclass

import numpy as np

CARERS = "Interaction with family/ carers"
LISTENING = "Staff listening, understanding & involving patients"
NO_LABEL = "Labelling not possible"


@dataclass(frozen=True, slots=True)
class Label:
    """A label, its share per 100 comments, and what a pleased and an unhappy person writes."""

    label: str
    share: float
    pleased: str
    unhappy: str


LABELS = (
    Label(
        "Positive experience & gratitude",
        22.5,
        "Thank you all, I could not have asked for more.",
        "I am grateful for the care even so.",
    ),
    Label(
        "Organisation & efficiency",
        3.5,
        "Everything ran like clockwork.",
        "Nobody seemed to be in charge of the day.",
    ),
    Label(
        "Funding & use of financial resources",
        0.7,
        "Money seemed well spent here.",
        "More money is needed for this ward.",
    ),
    Label(
        "Feeling safe",
        0.4,
        "I felt safe all through the night.",
        "I did not feel safe on the ward at night.",
    ),
    Label(NO_LABEL, 21.3, "All fine.", "Nothing."),
    Label(
        "Staff manner & personal attributes",
        17.9,
        "The nurses were kind and cheerful.",
        "The person at the desk was short with me.",
    ),
    Label(
        "Competence & training",
        3.0,
        "They clearly knew what they were doing.",
        "The drip was put in wrongly twice.",
    ),
    Label(
        "Staffing levels & responsiveness",
        2.5,
        "Somebody came each time I pressed the bell.",
        "There were too few staff and bells rang on and on.",
    ),
    Label(
        "Contacting services",
        4.1,
        "I got through on the first ring.",
        "Nobody picked up when I rang the clinic.",
    ),
    Label(
        "Appointment arrangements",
        2.9,
        "My visit was booked for a day that suited me.",
        "My visit was moved three times.",
    ),
    Label(
        "Appointment method",
        2.0,
        "A video call saved me the journey.",
        "I wanted to be seen in person, not by phone.",
    ),
    Label(
        "Timeliness of care", 14.0, "I was seen straight away.", "I waited half the day to be seen."
    ),
    Label("Unspecified communication", 2.0, "Communication was good.", "Communication was poor."),
    Label(
        LISTENING,
        6.4,
        "They listened and asked what mattered to me.",
        "Nobody asked what I wanted.",
    ),
    Label(
        "Information directly from staff during care",
        3.3,
        "Each step was explained as it happened.",
        "I was not told what was being done.",
    ),
    Label(
        "Information provision & guidance",
        1.5,
        "The leaflet for home was clear.",
        "I went home without any written advice.",
    ),
    Label(
        "Being kept informed, clarity & consistency of information",
        2.5,
        "I always knew what came next.",
        "Each doctor told me something different.",
    ),
    Label(
        CARERS,
        0.8,
        "They made time for my daughter's questions.",
        "My wife looks after me and was left out of every talk.",
    ),
    Label(
        "Mental Health Act",
        0.2,
        "My rights under section were explained.",
        "Nobody explained my section to me.",
    ),
    Label(
        "Continuity of care",
        2.0,
        "I saw the same nurse each time.",
        "I had to tell my story to a new face each day.",
    ),
    Label("Discharge", 0.4, "Going home was well planned.", "I was sent home with no plan."),
    Label(
        "Supplying & understanding medication",
        2.0,
        "My tablets were ready and explained.",
        "I waited for hours for my tablets.",
    ),
    Label("Pain management", 0.2, "My pain was taken seriously.", "I was left in pain."),
    Label(
        "Activities & access to fresh air",
        0.7,
        "I could sit in the garden.",
        "There was nothing to do and no way outside.",
    ),
    Label(
        "Electronic entertainment",
        0.4,
        "The free internet helped pass the time.",
        "The television did not work.",
    ),
    Label(
        "Cleanliness, tidiness & infection control",
        1.0,
        "The ward was spotless.",
        "The toilets were dirty.",
    ),
    Label(
        "Sensory experience",
        1.2,
        "It was quiet enough to sleep.",
        "It was far too bright and loud to sleep.",
    ),
    Label(
        "Environment, facilities & equipment",
        2.5,
        "The new building is bright and roomy.",
        "The bed was broken.",
    ),
    Label(
        "Food & drink provision & facilities",
        1.5,
        "The food was hot and tasty.",
        "The food was cold.",
    ),
    Label("Service location", 1.5, "The clinic is close to home.", "The clinic is too far away."),
    Label(
        "Transport to/ from services",
        3.7,
        "The driver saw me to my door.",
        "The transport home came hours late.",
    ),
    Label("Parking", 1.5, "Parking was easy.", "I could not find anywhere to park."),
)

NAMES = tuple(label.label for label in LABELS)
SHARES = np.array([label.share for label in LABELS]) / 100

HARD_LABELS = {
    CARERS: 0.50,
    "Mental Health Act": 0.40,
    "Information provision & guidance": 0.50,
    "Staffing levels & responsiveness": 0.50,
}
SENSITIVITY, FALSE_ALARMS = 0.75, 0.15
"""What the machine finds of most labels, and false alarms as a share of a label's own share."""

AWKWARD = (
    "<b>Good</b> care <script>alert('ward')</script> & thanks",
    "=cmd|' /C calc'!A0",
    "+44 is not my number, I was in bay 12 for 3 days",
    "@SUM(1+1)*cmd",
    "-2 out of 10 for parking, 9 out of 10 for the rest",
    "Nurse Sampleton and Dr Placeholder were kind",
    "شكرا لكم على الرعاية الطيبة",
    "תודה רבה לצוות \u202eהמסור\u202c",
    '"Quoted", with commas, and a\nsecond line',
    "Café staff were 👍 <img src=x onerror=alert(1)>",
)
"""Texts that must show as text everywhere: markup, formulae, names, numbers, right to left."""
