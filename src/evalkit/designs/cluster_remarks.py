"""What is said of the data and the model of a cluster trial, in plain words."""

import numpy as np

from evalkit.designs.cluster_alternatives import Alternatives
from evalkit.designs.cluster_models import TrialModel
from evalkit.designs.cluster_sample import ClusterSample
from evalkit.designs.compared_outcome import outside_range
from evalkit.designs.missing_remarks import say_condition, say_left_out
from evalkit.fits.mixed_model import MixedModelFit
from evalkit.inference.permutation import Permutation
from evalkit.results.words import counted, decimals_for, interval, number
from evalkit.study.schemas.stepped_wedge import SteppedWedge

_SMALL_SAMPLE = {
    "kenward_roger": "Kenward and Roger's correction",
    "satterthwaite": "Satterthwaite's degrees of freedom",
}


FEW_TO_AVERAGE = 40
"""Fewer clusters than this, and the interval of an average over time since the start is short."""

TOO_NARROW = (
    "Where the truth was known and clusters were as few, the interval of such an average was "
    "somewhat too narrow."
)


def make_remarks(
    model: TrialModel,
    fit: MixedModelFit,
    beside: Alternatives,
    parameters: SteppedWedge,
) -> tuple[str, ...]:
    """Say who was compared, how errors were treated, and what these data leave open."""
    sample = model.sample
    return (
        _made_of(sample),
        _inference(model, fit, parameters),
        *_few(sample),
        *_not_by_lot(parameters),
        *_over_time(sample, beside, parameters),
        *_left_out(sample, parameters),
        *_outcome(sample, beside, parameters),
        *_outside(model, fit, beside, parameters),
        *_lots(beside.lots, parameters),
    )


def _made_of(sample: ClusterSample) -> str:
    clusters = counted(len(sample.clusters), "cluster")
    if sample.kind == "stepped_wedge":
        inside = sample.start[sample.start < len(sample.periods)]
        never = len(sample.clusters) - len(inside)
        steps = len(np.unique(inside))
        said = f"{clusters} start in {steps} steps over {len(sample.periods)} periods"
        return f"{said}; {never} of them not within these periods." if never else f"{said}."
    never = int(np.sum(sample.start == len(sample.periods)))
    start = int(sample.start.min())
    before = f"with {counted(start, 'period')} before it" if start else "with no period before it"
    return (
        f"{clusters}: {len(sample.clusters) - never} start at once, {before}, and {never} never do."
    )


def _inference(model: TrialModel, fit: MixedModelFit, parameters: SteppedWedge) -> str:
    shared = {
        "independent": "takes clusters as independent of each other",
        "exchangeable": "allows for what answers of one cluster share",
        "nested_exchangeable": "allows for what answers of one cluster, and of one cluster in one "
        "period, share",
        "decay": "",
    }[fit.structure]
    over_time = " Every comparison allows for change over time."
    return (
        f"The interval {shared}, and for the number of clusters by "
        f"{_SMALL_SAMPLE[parameters.small_sample]}."
        f"{over_time if len(model.sample.periods) > 1 else ''}"
    )


def _few(sample: ClusterSample) -> list[str]:
    if sample.fewest >= sample.needed:
        return []
    where = "in steps" if sample.kind == "stepped_wedge" else "on the smaller side"
    return [
        f"With {counted(sample.fewest, 'cluster')} {where} no claim of cause is made: at least "
        f"{sample.needed} are needed, for a few clusters can differ by chance, and the interval "
        "rests on how much they do."
    ]


def _not_by_lot(parameters: SteppedWedge) -> list[str]:
    if parameters.allocation == "random":
        return []
    return [
        "Clusters were not given their starts by lot, so that whatever made some start earlier "
        "can be part of the difference."
    ]


def _over_time(sample: ClusterSample, beside: Alternatives, parameters: SteppedWedge) -> list[str]:
    """Say of which periods since the start the answer speaks, and whether the effect changes."""
    periods, growth = len(np.unique(sample.exposure[sample.exposure > 0])), beside.growth
    if parameters.effect_over_time == "averaged":
        averaged = f"The answer is the average over {periods} periods since the start."
        few = len(sample.clusters) < FEW_TO_AVERAGE
        return [averaged, *([TOO_NARROW] if few else [])] if periods > 1 else []
    if growth is None:
        return []
    unit, places = parameters.outcome_unit, decimals_for(growth.estimate)
    ends = interval(growth.conf_low, growth.conf_high, growth.level, places)
    change = (
        f"from the first period since the start to the last "
        f"({number(growth.estimate, places)} {unit}; {ends})"
    )
    if growth.conf_low > 0 or growth.conf_high < 0:
        return [
            f"The effect is not the same throughout: it changes {change}. One number for all "
            "periods is then no average of them and can even have the wrong sign. Read the effects "
            "by time since the start, or plan for their average."
        ]
    return [
        f"The answer takes the effect as the same throughout. No clear change was seen {change}."
    ]


def _left_out(sample: ClusterSample, parameters: SteppedWedge) -> list[str]:
    """Say how many rows and cells are missing, and when the answer holds for them too."""
    causes = [name.replace("_", " ") for name in parameters.adjust_for]
    given = ["the cluster", "the period", *causes]
    said = []
    if sample.missing:
        said.append(say_left_out(sample.missing, sample.rows, given))
    cells = len(sample.clusters) * len(sample.periods)
    seen = len(np.unique(sample.cluster * len(sample.periods) + sample.period))
    if seen < cells:
        none = f"{cells - seen} of {cells} cluster-periods have no answers."
        said.append(none if said else f"{none} {say_condition(given)}")
    return said


def _outcome(sample: ClusterSample, beside: Alternatives, parameters: SteppedWedge) -> list[str]:
    responses = sample.responses
    said = []
    if parameters.data_rows == "panel" and not responses.base_known:
        said.append("How many answered is not known, so every row counts the same.")
    if responses.weight is not None:
        said.append("Averages count by how many people answered.")
    if responses.total is not None and responses.size is not None:
        said.append(
            "Within each cluster and period answers count by their weights. Uneven weights make "
            f"these averages as sure as {responses.size.sum():,.0f} equal answers would, of "
            f"{responses.count:,} given; between clusters and periods averages count by how sure "
            "they are, not by how many people they stand for."
        )
    if responses.yes and parameters.other_estimates:
        odds = "the ratio of odds stands beside" if beside.odds else "odds have no bound here"
        said.append(f"Answers of yes are compared as a difference of shares; {odds}.")
    return said


def _outside(
    model: TrialModel, fit: MixedModelFit, beside: Alternatives, parameters: SteppedWedge
) -> list[str]:
    """Say where what the straight-line model expects, with or without it, cannot be."""
    if parameters.outcome_kind == "number":
        return []
    expected = model.regressors @ fit.coef
    other = expected + (1 - 2 * model.regressors[:, 0]) * fit.coef[0]
    if not outside_range(np.concatenate([expected, other]), parameters.outcome_kind):
        return []
    odds = " The estimate by odds, which stays inside, stands beside." if beside.odds else ""
    return [
        "What is expected with or without the intervention lies outside what the outcome can be in "
        "some clusters and periods: levels are too near its end for the same difference "
        f"everywhere.{odds}"
    ]


def _lots(lots: Permutation | None, parameters: SteppedWedge) -> list[str]:
    if lots is None or np.isfinite(lots.conf_high - lots.conf_low):
        return []
    return [
        f"There are only {counted(lots.ways, 'way')} to give these starts to these clusters, too "
        f"few for a {100 * parameters.confidence_level:g}% interval from lots alone."
    ]
