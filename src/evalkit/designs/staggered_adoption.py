"""Staggered adoption: did experience change in each unit when the change reached it?

Compares: the units that changed in the same period (a cohort) with units that never change, or had
not yet, each since its cohort's last period before the change.
Estimates: the mean effect since the change over units that changed, each counted once (`group`;
or over units and periods, `simple`); by cohort, by period, and by periods since the change. Beside
it, as a second opinion, effects imputed from all periods before; and the static two-way
fixed-effects estimate, only together with what it is a weighted mean of, and never an answer.
Must hold: without the change, cohorts and comparison units would have moved in parallel; nobody
acts on it earlier than `anticipation` periods before; units do not change each other.
Uncertainty: by clusters, chosen by their number (`staggered_inference`). Periods before the change
are compared with the last one before it, as those after are (Roth 2024, arXiv:2401.12309).
Sources: Callaway and Sant'Anna 2021, Journal of Econometrics 225:200-230; Borusyak, Jaravel and
Spiess 2024, Review of Economic Studies 91:3253-3285; Goodman-Bacon 2021, Journal of Econometrics
225:254-277; Rambachan and Roth 2023, Review of Economic Studies 90:2555-2591.
"""

from collections.abc import Callable
from functools import partial

import pandas as pd

from evalkit.designs import staggered_tables as tables
from evalkit.designs.answer_remarks import say_averaged
from evalkit.designs.headline_only import as_one_row
from evalkit.designs.outcome_rates import say_rates
from evalkit.designs.staggered_inference import Judged, judge
from evalkit.designs.staggered_panel import StaggeredPanel, arrange
from evalkit.designs.staggered_remarks import make_remarks
from evalkit.designs.staggered_second import Row, impute_overall, mix_two_ways
from evalkit.designs.staggered_sensitivity import tabulate_honest_did
from evalkit.errors import AnalysisError
from evalkit.fits.callaway_santanna import CellRule, GroupTimeEffects, fit_group_time
from evalkit.fits.goodman_bacon import Comparison
from evalkit.fits.imputation import ImputedEffects
from evalkit.fits.staggered_averages import AverageRow, list_averages
from evalkit.results import ESTIMATE_COLUMNS, Result
from evalkit.results.lazy_tables import LazyTables
from evalkit.study.schemas.staggered_adoption import StaggeredAdoption

METHOD = "callaway_santanna"
"""Method of the headline; the other overall average has its kind after it."""

Makers = dict[str, Callable[[], pd.DataFrame]]

LABELS = {
    "group": "Since the change, every unit that changed counted once",
    "simple": "Since the change, every unit and period counted once",
}


def estimate(
    table: pd.DataFrame, parameters: StaggeredAdoption, *, headline_only: bool = False
) -> Result:
    """Estimate the effect overall, by cohort, by period and by periods since the change.

    With `headline_only` there is no row but the headline's.
    """
    sample = arrange(table, parameters)
    rule = CellRule(parameters.comparison, "universal", parameters.anticipation)
    effects = _fit(sample, rule)
    if headline_only:
        return _only_headline(sample, effects, rule, parameters)
    averages = list_averages(effects, fixed_shares=True)
    headline = averages.at(parameters.average)
    judged = judge(sample, effects, averages, rule, headline, parameters)
    imputed, imputed_row = impute_overall(sample, parameters)
    two_way_row, comparisons = mix_two_ways(sample, parameters)
    frame = _as_table(
        [*_rows(sample, judged, parameters), *imputed_row, *two_way_row], sample, parameters
    )
    return Result(
        "staggered_adoption",
        frame,
        {"term": "effect", "method": METHOD},
        permits_cause=True,
        tables=LazyTables(
            _list_tables(table, sample, effects, judged, parameters, rule)
            | _list_others(sample, judged, imputed, comparisons)
        ),
        remarks=make_remarks(
            sample,
            effects,
            judged,
            frame,
            comparisons,
            (*say_averaged(table), *say_rates(table, parameters)),
            parameters.outcome_kind,
        ),
    )


def _fit(sample: StaggeredPanel, rule: CellRule) -> GroupTimeEffects:
    panel = sample.panel
    effects = fit_group_time(
        panel.outcome, panel.times, panel.first_treated, rule, covariates=panel.covariates
    )
    if not (effects.event >= 0).any():
        raise AnalysisError(
            "first_treated: no unit is seen after its change beside one to compare it with. "
            "Give later periods, or units that change later or never."
        )
    return effects


def _only_headline(
    sample: StaggeredPanel,
    effects: GroupTimeEffects,
    rule: CellRule,
    parameters: StaggeredAdoption,
) -> Result:
    averages = list_averages(effects, fixed_shares=True, kinds=[parameters.average])
    at = averages.at(parameters.average)
    judged = judge(sample, effects, averages, rule, at, parameters)
    row = _shared(sample, parameters) | _row(sample, judged, at, headline=True)
    primary = {"term": "effect", "method": METHOD}
    return Result("staggered_adoption", as_one_row(row), primary, permits_cause=True)


def _rows(sample: StaggeredPanel, judged: Judged, parameters: StaggeredAdoption) -> list[Row]:
    """The headline first, then the other overall average, cohorts, periods and events."""
    kinds = [parameters.average, *(k for k in LABELS if k != parameters.average)]
    order = [judged.averages.at("group" if k == "group" else "simple") for k in kinds]
    for by in ("group", "calendar", "event"):
        order += judged.averages.positions(by)
    return [_row(sample, judged, at, headline=at == order[0]) for at in order]


def _row(sample: StaggeredPanel, judged: Judged, at: int, *, headline: bool) -> Row:
    return {
        "estimate": float(judged.averages.estimate[at]),
        "std_error": float(judged.std_error[at]),
        "conf_low": float(judged.conf_low[at]),
        "conf_high": float(judged.conf_high[at]),
        "df": float(judged.df[at]),
        "p_value": float(judged.p_value[at]),
    } | _describe(sample, judged.averages.rows[at], headline)


def _describe(sample: StaggeredPanel, row: AverageRow, headline: bool) -> Row:
    """Key and label of a row."""
    if row.key is None:
        method = METHOD if headline else f"{METHOD}_{row.by}"
        return {"term": "effect", "method": method, "label": LABELS[row.by]}
    named = sample.name_period(row.key)
    if row.by == "group":
        label = f"Units that changed in {named}"
        return {"term": "cohort", "method": METHOD, "label": label, "cohort": named}
    if row.by == "calendar":
        label = f"In {named}, units that had changed"
        return {"term": "calendar", "method": METHOD, "label": label, "period": named}
    since = round(row.key)
    words = "before" if since < 0 else "after"
    label = f"{abs(since)} {'period' if abs(since) == 1 else 'periods'} {words} the first with it"
    label = label if since else "First period with it"
    return {"term": "event", "method": METHOD, "label": label, "period": str(since)}


def _as_table(
    rows: list[Row], sample: StaggeredPanel, parameters: StaggeredAdoption
) -> pd.DataFrame:
    shared = _shared(sample, parameters)
    columns = [*ESTIMATE_COLUMNS, "p_value", "label", "cohort", "period"]
    return pd.DataFrame([shared | row for row in rows], columns=columns)


def _shared(sample: StaggeredPanel, parameters: StaggeredAdoption) -> Row:
    """What all rows of a table of estimates share."""
    return {
        "level": parameters.confidence_level,
        "n": sample.rows,
        "clusters": len(sample.clusters),
        "outcome": "outcome",
        "facet": parameters.outcome_facet,
        "group": "all",
    }


def _list_tables(
    table: pd.DataFrame,
    sample: StaggeredPanel,
    effects: GroupTimeEffects,
    judged: Judged,
    parameters: StaggeredAdoption,
    rule: CellRule,
) -> Makers:
    """How each table that every study has is made, once it is read."""
    return {
        "event_study": partial(tables.tabulate_events, judged, parameters),
        "event_covariance": partial(tables.tabulate_event_covariance, judged),
        "cohorts": partial(tables.tabulate_cohorts, sample, rule),
        "cohort_periods": partial(tables.tabulate_cells, sample, effects),
        "rollout": partial(tables.tabulate_rollout, table),
        "honest_did": partial(tabulate_honest_did, judged, parameters),
    }


def _list_others(
    sample: StaggeredPanel,
    judged: Judged,
    imputed: ImputedEffects | None,
    comparisons: list[Comparison],
) -> Makers:
    """The same of other answers, where there are any."""
    makers: Makers = {}
    if imputed is not None:
        makers["second_opinion"] = partial(tables.tabulate_second_opinion, judged, imputed)
    if comparisons:
        makers["two_way_weights"] = partial(tables.tabulate_weights, sample, comparisons)
    return makers
