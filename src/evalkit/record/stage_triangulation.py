"""Stage whether sources agree: the matrix, the joint display, silence, coders, and sites."""

import pandas as pd

from evalkit.insight.convergence import AGREEMENT
from evalkit.insight.triangulation import (
    Triangulated,
    tabulate_cells,
    tabulate_matrix,
    tabulate_quotes,
)
from evalkit.measures.coder_agreement import AC1, ALPHA, KAPPA
from evalkit.record.stage_topic import Kinds, organisations, words
from evalkit.record.staging import Staging
from evalkit.record.tables import Column, TableSpec
from evalkit.study.schemas.insight_triangulation import InsightTriangulation

ANSWERS = ("answers",)


def stage_triangulation(staging: Staging, found: Triangulated, agreement: pd.DataFrame) -> None:
    """Stage every table that has rows, convergence and sites with their figures."""
    _stage_matrix(staging, found)
    for spec, frame in (
        (_joint_spec(found, staging.parameters_of(InsightTriangulation)), found.joint),
        (_quotes_spec(), tabulate_quotes(found.evidence)),
        (_silence_spec(), found.silence),
        (_without_spec(), found.without[found.without["changes"] == "changes"]),
        (_differences_spec(), found.differences),
        (_agreement_spec(), agreement.assign(measure=agreement["measure"].map(_MEASURES))),
    ):
        _put(staging, spec, frame)
    _stage_sites(staging, found)


def _put(staging: Staging, spec: TableSpec, frame: pd.DataFrame) -> None:
    if not frame.empty:
        staging.table(spec, frame[[column.name for column in spec.columns]])


def _stage_matrix(staging: Staging, found: Triangulated) -> None:
    """Stage the matrix for reading, and its cells for drawing."""
    matrix = tabulate_matrix(found.evidence)
    sources = [str(name) for name in matrix if name != "theme"]
    named = {source: f"source_{number}" for number, source in enumerate(sources, start=1)}
    columns = (words("theme", "Theme"), *(words(key, said) for said, key in named.items()))
    text = (
        f"Each source beside {found.evidence.reference}, as most coders code it; a silence says "
        "whether the source could have heard."
    )
    spec = TableSpec("matrix", "Convergence of the sources, theme by theme", text, columns)
    _put(staging, spec, matrix.rename(columns=named))
    labels = found.labels.set_index("theme")["label"]
    cells = tabulate_cells(found.evidence)
    cells = cells.assign(label=cells["theme"].map(labels))
    cell_columns = (
        words("theme", "Theme"),
        words("source", "Source"),
        words("code", "Code"),
        organisations("coders", "Coders who gave it"),
        words("label", "Evidence"),
    )
    title = "Do the sources agree?"
    _put(staging, TableSpec("convergence", title, _CELLS, cell_columns), cells)
    staging.figure("convergence", chart="convergence", table="convergence", title=title)


_CELLS = (
    "Beside each mark stands how many coders gave that code; no theme is settled by their number."
)


def _joint_spec(found: Triangulated, parameters: InsightTriangulation) -> TableSpec:
    unit = parameters.outcome_unit
    estimates = (
        words("measured_by", "Measured by"),
        *(
            Column(name, label, "estimate", ANSWERS, None, 2, unit)
            for name, label in (
                ("estimate", "Change beyond other sites"),
                ("conf_low", "Lower end of interval"),
                ("conf_high", "Upper end of interval"),
            )
        ),
    )
    columns = (
        words("theme", "Theme"),
        words("label", "Evidence"),
        *(estimates if found.sites else ()),
        words("better", "Say better"),
        words("same", "Say no change"),
        words("worse", "Say worse"),
        words("silent", "Silent"),
        Column("together", "Taken together", "text"),
    )
    text = (
        "Figures and what people say, side by side. Contested: any two sources point opposite "
        "ways. Strong: three or more kinds of source agree, a designed comparison that bears it "
        "out among them. Moderate: two agree, at least in part."
    )
    return TableSpec("joint_display", "Joint display", text, columns)


def _quotes_spec() -> TableSpec:
    columns = (
        words("theme", "Theme"),
        words("source", "Source"),
        words("direction", "Says"),
        words("prominence", "How prominent"),
        Column("example", "Example", "text"),
    )
    return TableSpec("said", "What each source says", "With an example of each.", columns)


def _silence_spec() -> TableSpec:
    columns = (
        words("theme", "Theme"),
        words("source", "Source"),
        words("meaning", "What its silence means"),
    )
    text = "Silence is neither agreement nor content."
    return TableSpec("silence", "Who is silent, and could they have heard?", text, columns)


def _without_spec() -> TableSpec:
    columns = (
        words("theme", "Theme"),
        words("left_out", "Without"),
        words("label", "Evidence with all sources"),
        words("without", "Evidence without it"),
    )
    text = "Labels that change when one source is left out; no other does."
    return TableSpec("without_one_source", "Does a label hang on one source?", text, columns)


def _differences_spec() -> TableSpec:
    columns = (
        words("theme", "Theme"),
        words("source", "Source"),
        words("each", "Each coder"),
        words("code", "Stands"),
        words("told_by", "Settled by"),
    )
    text = (
        "A code says how a source stands beside the source of reference: silence where either of "
        "the two is silent. Where no code has most coders, what the sources say settles it."
    )
    return TableSpec("coders_differ", "Where coders differed, and what stands", text, columns)


_MEASURES = {ALPHA: "Krippendorff's alpha", AC1: "Gwet's AC1", KAPPA: "Cohen's kappa"}


def _agreement_spec() -> TableSpec:
    columns = (
        words("measure", "Measure"),
        words("coders", "Coders"),
        *(
            Column(name, label, "estimate", decimals=2)
            for name, label in (
                ("estimate", "Estimate"),
                ("conf_low", "Lower end of interval"),
                ("conf_high", "Upper end of interval"),
            )
        ),
        Column("level", "Level of interval", "estimate", decimals=3),
        organisations("cells", "Cells coded twice or more"),
    )
    text = (
        "Krippendorff's alpha and Gwet's AC1 of all coders, Cohen's kappa of each two. The source "
        f"of reference, in {AGREEMENT} with itself, is left out."
    )
    return TableSpec("coder_agreement", "How far coders agree", text, columns)


def _stage_sites(staging: Staging, found: Triangulated) -> None:
    if not found.sites:
        return
    parameters = staging.parameters_of(InsightTriangulation)
    kinds = Kinds(ANSWERS, parameters.outcome_unit)
    pooled = pd.concat(
        [sites.pooled.assign(outcome=outcome) for outcome, sites in found.sites.items()],
        ignore_index=True,
    )
    _put(staging, _pooled_spec(kinds), pooled)
    sites = pd.concat(
        [own.sites.assign(outcome=outcome) for outcome, own in found.sites.items()],
        ignore_index=True,
    )
    _put(staging, _sites_spec(kinds), sites)
    effects = pooled[pooled["label"] == "Difference"].assign(label=lambda f: f["outcome"])
    effects = effects.assign(label=effects["label"].str.capitalize(), facet=effects["outcome"])
    _put(staging, _facets_spec(kinds), effects)
    title = "Change beyond sites without it, by part of experience"
    staging.figure(
        "facets",
        chart="facets",
        table="facets",
        title=title,
        options={
            "outcome_unit": parameters.outcome_unit,
            "step": f"with {parameters.intervention_name or 'the intervention'}",
            "minimum_important_difference": parameters.minimum_important_difference,
        },
    )
    left = pd.concat(
        [own.without_one.assign(outcome=outcome) for outcome, own in found.sites.items()],
        ignore_index=True,
    )
    _put(staging, _left_spec(kinds), left)


_ENDS = {
    "estimate": "Estimate",
    "conf_low": "Lower end of interval",
    "conf_high": "Upper end of interval",
}


def _facets_spec(kinds: Kinds) -> TableSpec:
    columns = (
        words("label", "Outcome"),
        words("facet", "Part of experience"),
        *(kinds.figure(name, label) for name, label in _ENDS.items()),
        Column("level", "Level of interval", "estimate", decimals=3),
        organisations("sites", "Sites"),
    )
    text = "Change at sites with the intervention less that at sites without it, pooled over sites."
    return TableSpec("facets", "Change beyond sites without it", text, columns)


def _pooled_spec(kinds: Kinds) -> TableSpec:
    columns = (
        words("outcome", "Outcome"),
        words("label", "What"),
        *(kinds.figure(name, label) for name, label in _ENDS.items()),
        kinds.figure("spread", "Spread between sites (standard deviation)"),
        kinds.figure("share_between", "Of the variation, between sites", unit="%"),
        organisations("sites", "Sites"),
    )
    text = "Random effects with Hartung and Knapp's interval. Spread: how far sites truly differ."
    return TableSpec("pooled_sites", "Sites pooled", text, columns)


def _sites_spec(kinds: Kinds) -> TableSpec:
    columns = (
        words("outcome", "Outcome"),
        words("site", "Site"),
        words("kind", "Kind"),
        kinds.people("before", "Answers before"),
        kinds.people("after", "Answers after"),
        kinds.figure("change", "Change", "before"),
        kinds.figure("drawn", "Drawn towards its kind", "before"),
        kinds.figure("drawn_low", "Low", "before"),
        kinds.figure("drawn_high", "High", "before"),
    )
    text = "In no order of merit: a site's own change is mostly noise, and is drawn to its kind's."
    return TableSpec("sites", "What changed at each site", text, columns)


def _left_spec(kinds: Kinds) -> TableSpec:
    columns = (
        words("outcome", "Outcome"),
        words("site", "Without site"),
        *(kinds.figure(name, label) for name, label in _ENDS.items()),
    )
    text = "The difference between the two kinds of site, with each site left out in turn."
    return TableSpec("without_one_site", "Does the difference hang on one site?", text, columns)
