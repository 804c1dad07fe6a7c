"""Every instrument that can be scored: whose experience, which facet, where along the journey."""

import pandas as pd

from evalkit.measures.always_events import ALWAYS_EVENTS
from evalkit.measures.care_measure import CARE
from evalkit.measures.carer_groups import CARER_IDENTIFICATION
from evalkit.measures.carers import ASCOT, CARERQOL, SACE
from evalkit.measures.complaints import COMPLAINTS
from evalkit.measures.emotional_map import EMOTIONAL_MAP
from evalkit.measures.eq5d import EQ5D
from evalkit.measures.gp_patient_survey import GPPS
from evalkit.measures.i_statements import I_STATEMENTS
from evalkit.measures.listening_events import LISTENING_EVENTS
from evalkit.measures.national_quarterly_pulse import PULSE
from evalkit.measures.online_feedback import ONLINE_FEEDBACK
from evalkit.measures.picker_questionnaire import PPE15
from evalkit.measures.placement import ANYWHERE, Measure
from evalkit.measures.proms import PROMS
from evalkit.measures.relational_aspects import RAC_Q
from evalkit.measures.sickness_absence import SICKNESS_ABSENCE
from evalkit.measures.staff_survey import STAFF_SURVEY

INPATIENT_SURVEY = Measure(
    "inpatient_survey",
    "Adult Inpatient Survey",
    "patients",
    ("relational", "functional", "felt"),
    ("T03", "T04", "T05", "T06", "T07", "T08", "T09", "T10"),
    "score, 0-10",
    "higher",
    "options equally spaced; standardised means; facet and touchpoint are those of the question",
    "recalled",
    "age bands, cap of weights, fewest answers, against the year's technical document",
)
FRIENDS_AND_FAMILY = Measure(
    "friends_and_family",
    "Friends and Family Test",
    "patients",
    ("overall",),
    ANYWHERE,
    "per cent positive",
    "higher",
    "very good and good over all answers, don't know among them; never ranked",
    "published",
)

MEASURES: tuple[Measure, ...] = (
    INPATIENT_SURVEY,
    FRIENDS_AND_FAMILY,
    GPPS,
    PPE15,
    RAC_Q,
    CARE,
    ALWAYS_EVENTS,
    I_STATEMENTS,
    EMOTIONAL_MAP,
    PROMS,
    EQ5D,
    SACE,
    CARERQOL,
    ASCOT,
    CARER_IDENTIFICATION,
    STAFF_SURVEY,
    PULSE,
    SICKNESS_ABSENCE,
    COMPLAINTS,
    ONLINE_FEEDBACK,
    LISTENING_EVENTS,
)


def tabulate_measures() -> pd.DataFrame:
    """One row a measure: its key, and what `Measure` says of it as text."""
    rows = [
        {
            "measure": m.key,
            "title": m.title,
            "whose": m.whose,
            "facets": ", ".join(m.facets),
            "touchpoints": "any" if m.touchpoints == ANYWHERE else ", ".join(m.touchpoints),
            "unit": m.unit,
            "better": m.better,
            "rule": m.rule,
            "source": m.source,
            "unverified": m.unverified,
        }
        for m in MEASURES
    ]
    return pd.DataFrame(rows)
