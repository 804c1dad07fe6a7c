"""What is true in a world: effects, gaps, carers, ways of asking, labels, costs, right answers."""

from dataclasses import asdict

import numpy as np

from evalkit.study.fields import STAGES
from evalkit.synthetic.linked import co_production, feedback, stories, value
from evalkit.synthetic.linked.answers import answers_of
from evalkit.synthetic.linked.carers import AFTER, AFTER_SHARES, IDENTIFIED, SACE_MEAN
from evalkit.synthetic.linked.causes import FACETS
from evalkit.synthetic.linked.evidence import tabulate_codes
from evalkit.synthetic.linked.label_truth import tell_labels
from evalkit.synthetic.linked.patients import GAPS, PROXY_GAP
from evalkit.synthetic.linked.people import CORE20_SHARE, RESPONSE
from evalkit.synthetic.linked.places import ENGAGEMENT, MONTHS, START, Places
from evalkit.synthetic.linked.programmes import ACTIONS

LABELS_UP_TO = 100_000
"""So many answers at most for labels to be counted over all comments."""


def tell_truth(name: str, seed: int, places: Places, *, labels: bool = True) -> dict[str, object]:
    """Write down the causes of a world and the right answer to each notebook's question.

    With `labels`, and where there are not too many comments, they are counted by label too.
    """
    size = places.size
    truth: dict[str, object] = {
        "world": name,
        "seed": seed,
        "synthetic": True,
        "start": MONTHS[START],
        "size": asdict(size),
        "treated_trusts": places.trusts.loc[places.treated_trusts, "trust"].tolist(),
        "causes": asdict(places.causes),
        "effect": _tell_effect(places),
        "gap": _tell_gap(places),
        "staff": _tell_staff(places),
        "carers": _tell_carers(places),
        "friends_and_family": _tell_fft(places),
        "complaints": {"times_after_start": places.causes.complaints},
        "convergence_with_survey": tabulate_codes(places),
        "stories": {"withdrawn": stories.WITHDRAWN, "awkward": stories.AWKWARD_STORIES},
        "co_production": _tell_co_production(),
        "measures": _tell_measures(places),
        "value": _tell_value(places),
        "right_answer": answers_of(name),
    }
    if labels and size.people <= LABELS_UP_TO:
        truth["labels"] = tell_labels(places)
    return truth


def _tell_effect(places: Places) -> dict[str, object]:
    """Tell the effect meant, and what the scale shows of it in treated wards since the start."""
    shown = (places.experience - places.without)[:, START:, places.treated].mean(axis=(1, 2))
    by_facet = {facet: round(float(v), 4) for facet, v in zip(FACETS, shown, strict=True)}
    meant = {facet: getattr(places.causes, facet) for facet in FACETS}
    return {
        "meant": meant | {"overall": places.causes.overall},
        "shown": by_facet | {"overall": round(float(shown.mean()), 4)},
        "means": "points from 0 to 10 for patients outside the most deprived fifth",
    }


def _tell_gap(places: Places) -> dict[str, object]:
    """Tell how groups stand apart, and what the programme does to the most deprived fifth."""
    causes = places.causes
    core20 = causes.overall if causes.core20 is None else causes.core20
    return {
        "core20_minus_rest_before": causes.core20_gap,
        "core20_effect": core20,
        "rest_effect": causes.overall,
        "change_of_gap": core20 - causes.overall,
        "effect_on_average": CORE20_SHARE * core20 + (1 - CORE20_SHARE) * causes.overall,
        "core20_share": CORE20_SHARE,
        "other_gaps": GAPS | {"proxy": PROXY_GAP},
        "response": RESPONSE,
        "answers_of_core20_lost_in_treated_trusts": causes.lost_answers,
    }


def _tell_staff(places: Places) -> dict[str, object]:
    causes = places.causes
    mediated = causes.engagement * causes.link
    return {
        "engagement_mean": ENGAGEMENT,
        "programme_on_engagement": causes.engagement,
        "experience_per_point_of_engagement": causes.link,
        "overall_effect_through_staff": mediated,
        "share_through_staff": mediated / causes.overall if causes.overall else None,
        "engagement_per_point_of_experience": causes.reverse,
    }


def _tell_carers(places: Places) -> dict[str, object]:
    """Tell the effect on all carers of treated trusts; those lost are the more burdened."""
    return {
        "sace_mean": SACE_MEAN,
        "effect_on_sace": places.causes.carer,
        "identified": IDENTIFIED,
        "effect_on_identified": places.causes.identified,
        "patient_effect": places.causes.overall,
        "status_after": dict(zip(AFTER, AFTER_SHARES.tolist(), strict=True)),
    }


def _tell_fft(places: Places) -> dict[str, object]:
    """Tell how people are asked before and after, and how positive each way is."""
    after = feedback.AFTER_SHIFT if places.causes.mode_shift else feedback.MODE_MIX
    positive = 100 * feedback.positive_by_mode()
    return {
        "asked_before": _by_mode(feedback.MODE_MIX),
        "asked_after_in_treated_trusts": _by_mode(after),
        "percent_positive_at_average_experience": _by_mode(np.round(positive, 3)),
        "percent_positive_before": round(_mixed(feedback.MODE_MIX, positive), 3),
        "percent_positive_from_mix_alone_after": round(_mixed(after, positive), 3),
        "logits_per_point_of_experience": feedback.PER_POINT,
    }


def _mixed(mix: np.ndarray, positive: np.ndarray) -> float:
    answers = mix * feedback.RESPONSE
    return float((answers * positive).sum() / answers.sum())


def _by_mode(values: np.ndarray) -> dict[str, float]:
    return dict(zip(feedback.FFT_MODES, values.tolist(), strict=True))


def _tell_co_production() -> dict[str, object]:
    return {
        "lived_experience_decides_by_stage": dict(
            zip(STAGES, co_production.INVOLVED.tolist(), strict=True)
        ),
        "adopted_or_adapted": {
            side: float(mix[:2].sum()) for side, mix in co_production.ADOPTED.items()
        },
        "ratings": co_production.LEVELS,
        "professional_minus_lived_experience": co_production.LEVELS["professional"]
        - co_production.LEVELS["lived_experience"],
        "worth": {
            side: dict(zip(co_production.TOPICS, worth.tolist(), strict=True))
            for side, worth in co_production.WORTH.items()
        },
    }


def _tell_measures(places: Places) -> dict[str, float]:
    works = bool(places.causes.overall)
    return {act.measure: act.change * works for act in ACTIONS if act.measure is not None}


def _tell_value(places: Places) -> dict[str, object]:
    """Tell what a ward costs a month, and what a tenth of a point costs per patient discharged."""
    by_payer: dict[str, float] = {}
    for payer, amount in value.COSTS.values():
        by_payer[payer] = by_payer.get(payer, 0.0) + amount
    per_patient = by_payer["nhs"] / value.DISCHARGES
    overall = places.causes.overall
    return {
        "per_ward_and_month": {item: amount for item, (_, amount) in value.COSTS.items()},
        "per_ward_and_month_by_payer": by_payer,
        "discharges_per_ward_and_month": value.DISCHARGES,
        "nhs_cost_per_patient": round(per_patient, 4),
        "nhs_cost_per_patient_and_tenth_of_a_point": round(per_patient / (10 * overall), 4)
        if overall
        else None,
    }
