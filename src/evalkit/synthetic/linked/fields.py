"""What each column of each linked table holds: its type and its meaning."""

from evalkit.synthetic.linked.carers import SACE
from evalkit.synthetic.linked.feedback import ANSWERS
from evalkit.synthetic.linked.items import ITEMS
from evalkit.synthetic.linked.staff import (
    BURNOUT_ITEMS,
    ENGAGEMENT_ITEMS,
    LEAVING_ITEMS,
    PRESSURE_ITEMS,
)

Field = tuple[str, str]

_TRUST = {"trust": ("string", "Code of a made-up trust")}
_NAME = {"trust_name": ("string", "Name of a made-up trust; always begins with Synthetic")}
_WARD = {"ward": ("string", "Code of a made-up ward, which begins with its trust's")}
_MONTH = {"month": ("string", "Calendar month, as 2023-01")}
_START = {"start": ("string", "First month with the programme; empty where there never was one")}
_CONSENT = {"consent": ("string", "How far it may be shown: internal, board or public")}
_PEOPLE = {
    "age_band": ("string", "Age: 16-35, 36-50, 51-65 or 66+"),
    "sex": ("string", "female or male"),
    "ethnic_group": ("string", "Census group: Asian, Black, Mixed, White or Other; or not stated"),
    "deprivation_decile": (
        "integer",
        "National decile of deprivation of the area lived in, 1 most deprived; empty where unknown",
    ),
}
_SIDE = {"side": ("string", "lived_experience or professional")}

_FREQUENCY = "1 never to 5 always"
_AGREEMENT = "1 strongly disagree to 5 strongly agree"


def _describe_item(item: str, wording: str, options: str) -> Field:
    kind = "0 to 10" if options == "0_to_10" else "1 the best option to 3 the worst"
    return ("integer", f"Answer to: {wording} {kind}; empty where not asked or not answered")


def _staff_items() -> dict[str, Field]:
    asked = {
        **dict.fromkeys(ENGAGEMENT_ITEMS[:3], f"Motivation, {_FREQUENCY}"),
        **dict.fromkeys(ENGAGEMENT_ITEMS[3:6], f"Involvement, {_AGREEMENT}"),
        **dict.fromkeys(ENGAGEMENT_ITEMS[6:], f"Advocacy, {_AGREEMENT}"),
        **dict.fromkeys(BURNOUT_ITEMS, f"Burnout, {_FREQUENCY} worn out: higher is worse"),
        **dict.fromkeys(LEAVING_ITEMS, f"Thinking of leaving, {_AGREEMENT}: higher is worse"),
        **dict.fromkeys(PRESSURE_ITEMS, f"Can meet the demands of work, {_AGREEMENT}"),
    }
    return {name: ("integer", text) for name, text in asked.items()}


_CARERQOL = (
    "fulfilment: 3 is a lot",
    "support: 3 is a lot",
    "problems between carer and cared-for: 3 is a lot",
    "problems with mental health: 3 is a lot",
    "problems with daily activities: 3 is a lot",
    "problems with money: 3 is a lot",
    "problems with physical health: 3 is a lot",
)

FIELDS: dict[str, dict[str, Field]] = {
    "trusts": {
        **_TRUST,
        **_NAME,
        "region": ("string", "Made-up region"),
        "london": ("string", "Whether in London, yes or no"),
        "specialist": ("string", "Whether a specialist trust, yes or no"),
        "beds": ("integer", "Beds"),
        **_START,
    },
    "wards": {
        **_WARD,
        "ward_name": ("string", "Name of a made-up ward; always begins with Synthetic"),
        **_TRUST,
        "ward_type": ("string", "Kind of ward"),
        **_START,
    },
    "items": {
        "item": ("string", "Code of the question"),
        "wording": ("string", "What is asked"),
        "facet": ("string", "relational, functional or felt; overall for the overall question"),
        "touchpoint": ("string", "Where on the journey, T01 to T12"),
        "options": ("string", "How it is answered"),
        "always_event": ("string", "Whether only the answer always will do, yes or no"),
    },
    "patients": {
        **_WARD,
        **_TRUST,
        **_MONTH,
        "respondent": ("string", "patient, or proxy where someone answered for the patient"),
        "overall": ("integer", "Overall experience, 0 to 10"),
        **{item.item: _describe_item(item.item, item.wording, item.options) for item in ITEMS},
        "relational": ("number", "Mean of the answered relational items, 0 to 10"),
        "functional": ("number", "Mean of the answered functional items, 0 to 10"),
        "felt": ("number", "Mean of the answered felt items, 0 to 10"),
        **_PEOPLE,
        "imd_version": ("integer", "Year of the Index of Multiple Deprivation"),
        "carer": ("string", "Whether the patient is an unpaid carer, yes or no"),
        "disability": ("string", "Whether the patient is disabled, yes or no"),
        "clinical_area": ("string", "One of five clinical areas, or none of the five"),
        "plus_group": ("string", "Group chosen locally; empty where in none"),
        "route": ("string", "emergency or elective"),
        "mode": ("string", "How the survey was answered: paper, online or telephone"),
        "invited_weight": ("number", "Patients of the ward that an answer stands for, relative"),
    },
    "eligible": {
        **_TRUST,
        **_MONTH,
        **_PEOPLE,
        "people": ("integer", "Patients of these groups who could have answered"),
    },
    "staff": {
        **_TRUST,
        **_WARD,
        **_MONTH,
        "occupation": ("string", "Occupational group"),
        **_staff_items(),
    },
    "absence": {
        **_TRUST,
        **_MONTH,
        "days_lost": ("integer", "Full-time equivalent days lost to sickness"),
        "days_available": ("integer", "Full-time equivalent days available"),
    },
    "carers": {
        "dyad": ("string", "Code of a made-up carer and the person cared for"),
        **_TRUST,
        **_MONTH,
        "wave": ("string", "before or after the start of the programme"),
        "hours_band": ("string", "Hours of care a week"),
        **_PEOPLE,
        "status": ("string", "caring, ended, bereaved or not_answered at this wave"),
        **{
            f"sace_{name}": ("integer", f"Carers' survey, {name.replace('_', ' ')}: 1 best to 3")
            for name in SACE
        },
        **{
            f"carerqol_{n}": ("integer", f"CarerQol, {text}") for n, text in enumerate(_CARERQOL, 1)
        },
        "happiness": ("integer", "How happy, 0 to 10"),
        "offered": ("string", "Whether the trust has the programme (at either wave), yes or no"),
        "identified": ("string", "Whether staff recorded the carer as one, yes or no"),
        "patient_overall": ("integer", "Overall experience of the person cared for, 0 to 10"),
    },
    "fft": {
        **_TRUST,
        **_NAME,
        **_MONTH,
        "mode": ("string", "How people were asked"),
        **{name: ("integer", f"Answers: {name.replace('_', ' ')}") for name in ANSWERS},
        "eligible": ("integer", "People asked in this way: adds up over ways of asking"),
    },
    "complaints": {
        **_TRUST,
        **_MONTH,
        "complaints": ("integer", "Complaints on this theme"),
        "pals": ("integer", "Contacts with the patient advice and liaison service on this theme"),
        "activity": ("integer", "Patients seen in the trust and month: the same for every theme"),
        "theme": ("string", "What it was about"),
    },
    "comments": {
        "comment": ("string", "Code of a made-up comment"),
        **_TRUST,
        **_MONTH,
        "question": ("string", "What was asked: what_good, could_improve or nonspecific"),
        "score": ("integer", "Answer to the Friends and Family Test, 1 very good to 5 very poor"),
        "group": ("string", "Who wrote it"),
        "deprived": ("string", "Whether from the most deprived fifth of areas, yes or no"),
        "text": ("string", "Made-up text; some with markup, formulae or right-to-left letters"),
        "sentiment": ("integer", "1 very positive to 5 very negative"),
    },
    "codes": {
        "comment": ("string", "Code of a made-up comment"),
        "coder": ("string", "human_a, human_b, lived_experience or machine"),
        "label": ("string", "One of 32 labels; a coder gives a comment one or more"),
        "sampled": ("string", "Whether the comment is in the sample coded by people, yes or no"),
    },
    "stories": {
        "story": ("string", "Code of a made-up story"),
        **_CONSENT,
        "withdrawn": ("string", "Whether consent was withdrawn, yes or no"),
        "teller": ("string", "patient, carer or staff"),
        "touchpoint": ("string", "Where on the journey, T01 to T12"),
        "theme": ("string", "What it is about"),
        "text": ("string", "Made-up text"),
        "presented_to": ("string", "Who heard it"),
        "date": ("string", "Day on which it was told"),
        "learning": ("string", "What was learnt"),
        "action": ("string", "What was to be done; empty where nothing"),
        "owner": ("string", "Whose action it is"),
        "due": ("string", "Day by which the action is due"),
        "closed": ("string", "Day on which it was done"),
        "fed_back": ("string", "Day on which the teller was told; empty where not"),
    },
    "emotions": {
        "participant": ("string", "Code of a made-up participant"),
        "role": ("string", "patient, carer or staff"),
        "touchpoint": ("string", "Where on the journey, T01 to T12"),
        "emotion": ("string", "Word for the feeling"),
        "valence": ("integer", "-2 very bad to 2 very good"),
        "intensity": ("integer", "1 weak to 5 strong"),
        **_CONSENT,
    },
    "decisions": {
        "decision": ("string", "Code of a decision"),
        "date": ("string", "Day of the decision"),
        "stage": ("string", "Stage of the work"),
        "subject": ("string", "What was decided"),
        "proposed_by": ("string", "lived_experience, staff or clinical_leaders"),
        "decided_by_lived_experience": ("string", "Whether they decided, yes or no"),
        "decided_by_staff": ("string", "Whether they decided, yes or no"),
        "decided_by_leaders": ("string", "Whether they decided, yes or no"),
        "lived_experience_position": ("string", "Their position; empty where not heard"),
        "staff_position": ("string", "Their position"),
        "leaders_position": ("string", "Their position"),
        "outcome": ("string", "adopted, adapted, declined or deferred"),
        "reason": ("string", "Why"),
        "paid_hours": ("integer", "Hours paid to lived-experience partners"),
        "rate": ("number", "Pounds an hour"),
        "unit": ("string", "Trust that it was decided for"),
    },
    "partners": {
        "partner": ("string", "Code of a made-up partner"),
        "role": ("string", "patient partner or carer partner"),
        **_PEOPLE,
        "carer": ("string", "Whether an unpaid carer, yes or no"),
        "disability": ("string", "Whether disabled, yes or no"),
    },
    "ratings": {
        "rater": ("string", "Code of a made-up rater"),
        **_SIDE,
        "part": ("string", "value or step of co-production"),
        "name": ("string", "Name of the value or step"),
        "rating": ("integer", "0 absent to 5 led by lived experience"),
    },
    "priorities": {
        "participant": ("string", "Code of a made-up participant"),
        **_SIDE,
        "topic": ("string", "What is to be put in order"),
        "round": ("integer", "Round 1 to 3"),
        "score": ("integer", "Importance, 1 to 9"),
        "rank": ("integer", "Place among the topics, 1 first"),
    },
    "best_worst": {
        "participant": ("string", "Code of a made-up participant"),
        **_SIDE,
        "question": ("string", "Code of a question, which shows four topics"),
        "topic": ("string", "Topic shown"),
        "picked": ("string", "best, worst or neither"),
    },
    "evidence": {
        "theme": ("string", "What is spoken of"),
        "source": ("string", "Who speaks"),
        "source_type": ("string", "Kind of source"),
        "direction": ("string", "What it says: better, same, worse or silent"),
        "prominence": ("string", "How much it says of it: high, low or none"),
        "example": ("string", "What it says, in short; empty where silent"),
        "coder": ("string", "a, b or lived_experience"),
        "code": (
            "string",
            "How the coder thinks it stands to the patient survey: agreement, partial, silence"
            " or dissonance",
        ),
        "detectable": ("string", "Whether this source could show it, yes or no"),
    },
    "programmes": {
        "programme": ("string", "Priority programme"),
        "action": ("string", "What is to be done"),
        "owner": ("string", "Whose it is; empty where nobody's"),
        "measure": ("string", "What is measured; empty where nothing"),
        "better": ("string", "higher or lower"),
        "target": ("number", "Value to reach; empty where none"),
        "due": ("string", "Day by which"),
        "status": ("string", "not started, on track, late or done"),
    },
    "measures": {
        "programme": ("string", "Priority programme"),
        "measure": ("string", "What is measured"),
        **_MONTH,
        "value": ("number", "Its value, per cent or per thousand"),
        "base": ("integer", "People behind the value"),
    },
    "costs": {
        **_WARD,
        **_TRUST,
        **_MONTH,
        "item": ("string", "What was paid for, or given in time"),
        "payer": ("string", "nhs, carers or patients"),
        "amount": ("number", "Pounds"),
        "price_year": ("integer", "Year of the prices"),
    },
    "activity": {
        **_WARD,
        **_TRUST,
        **_MONTH,
        "discharges": ("integer", "Patients discharged"),
        "sickness_days": ("integer", "Days that staff of the ward were sick"),
    },
}
