"""Specifications of the tables that studies stage: words, units, and what each number rests on."""

from evalkit.record.design_columns import meaning_of
from evalkit.record.design_tables import TABLES
from evalkit.record.tables import Column, Margin, TableSpec
from evalkit.study.schema import StaffWellbeing

BOTH = ("staff", "patient")


def headline_spec() -> TableSpec:
    """Each number that the finding says, at the precision at which it says it."""
    columns = (
        Column("name", "Number", "label"),
        Column("value", "Value", "estimate", BOTH, decimals=6),
    )
    words = "Every number in the answer and what it means, rounded as it is said."
    return TableSpec("headline", "The numbers of the answer", words, columns)


def comparisons_spec(parameters: StaffWellbeing) -> TableSpec:
    """Every comparison, side by side."""
    words = f"Difference in {parameters.outcome_name} for {_step(parameters)}."
    return _estimates("estimates", "Every comparison, side by side", words, parameters)


def facets_spec(parameters: StaffWellbeing) -> TableSpec:
    """The primary comparison for each facet."""
    words = f"Difference in each part of experience for {_step(parameters)}."
    return _estimates("facets", "By facet of experience", words, parameters)


def subgroups_spec(parameters: StaffWellbeing) -> TableSpec:
    """The primary comparison by group of trusts, and the differences between groups."""
    p_value = Column("p_holm", "p-value of the difference (Holm)", "estimate", BOTH, "n", 3)
    words = f"Difference in {parameters.outcome_name} for {_step(parameters)}, by group of trusts."
    return _estimates("subgroups", "For which trusts", words, parameters, p_value)


def timing_spec(parameters: StaffWellbeing) -> TableSpec:
    """Lags and leads, all in one model."""
    period = Column("period", "Periods by which staff come before patients", "label")
    words = f"{_step(parameters).capitalize()} before, with and after patients' answers, together."
    return _estimates("timing", "Which moves first", words, parameters, period)


def _step(parameters: StaffWellbeing) -> str:
    step, unit = f"{parameters.exposure_step:g}", parameters.exposure_unit
    return f"{parameters.exposure_name} {step} {unit} {parameters.exposure_better}"


def _estimates(
    name: str, title: str, description: str, parameters: StaffWellbeing, *extra: Column
) -> TableSpec:
    """A table of estimates: one row an effect, with its interval and what it rests on."""
    unit = parameters.outcome_unit

    def figure(key: str, label: str) -> Column:
        return Column(key, label, "estimate", BOTH, base="n", decimals=3, unit=unit)

    columns = (
        Column("label", "Comparison", "label"),
        figure("estimate", "Difference"),
        figure("conf_low", "Lower end of interval"),
        figure("conf_high", "Upper end of interval"),
        figure("std_error", "Standard error"),
        Column("level", "Level of interval", "estimate", base="n", decimals=3),
        Column("n", "Rows: trusts by period", "estimate", base="n", decimals=0),
        _trusts("clusters"),
        Column("df", "Degrees of freedom", "estimate", base="n", decimals=1),
        *(
            Column(key, key.capitalize(), "label")
            for key in ("term", "outcome", "facet", "group", "method")
        ),
        *extra,
    )
    return TableSpec(name, title, description, columns)


def mediation_spec(parameters: StaffWellbeing) -> TableSpec:
    """The paths by way of the mediator and around it."""
    columns = (
        Column("label", "Path", "label"),
        *(
            Column(key, label, "estimate", BOTH, base="n", decimals=3)
            for key, label in (
                ("estimate", "Estimate"),
                ("conf_low", "Lower end of interval"),
                ("conf_high", "Upper end of interval"),
                ("without_correction", "Second opinion, noise left in"),
            )
        ),
        Column("level", "Level of interval", "estimate", base="n", decimals=3),
        Column("n", "Rows: trusts by period", "estimate", base="n", decimals=0),
        _trusts("clusters"),
        Column("path", "Name of path", "label"),
    )
    carrier = parameters.mediator_name or "the mediator"
    return TableSpec(
        "mediation",
        f"How much goes by way of {carrier}",
        f"Within trusts, per {parameters.exposure_step:g} better; intervals from resampled trusts.",
        columns,
    )


def quality_spec() -> TableSpec:
    """What the data are: coverage, spread and reliability of each measure."""
    spread = (
        ("mean", "Mean"),
        ("sd_between", "Spread between trusts"),
        ("sd_within", "Spread within trusts"),
        ("reliability_between", "Share of spread between trusts that is not noise"),
        ("reliability_within", "Share of spread within trusts that is not noise"),
    )
    coverage = ("periods", "rows", "missing")
    columns = (
        Column("measure", "Measure", "label"),
        _trusts("trusts"),
        *(Column(key, key.capitalize(), "estimate", base="rows", decimals=0) for key in coverage),
        *(Column(key, label, "estimate", BOTH, base="rows", decimals=3) for key, label in spread),
    )
    words = "Spreads are standard deviations with the periods' common changes removed."
    title = "What the data are, and how good"
    return TableSpec("quality", title, words, columns, sums_of="organisations")


def who_spec() -> TableSpec:
    """Trusts and answers by group, with a total in each grouping."""
    columns = (
        Column("grouping", "Grouping", "label"),
        Column("group", "Group", "label"),
        _trusts("trusts"),
        Column("staff_answers", "Staff answers", "count", ("staff",), decimals=0),
        Column("patient_answers", "Patient answers", "count", ("patient",), decimals=0),
    )
    words = "Answers are counted over all periods; a person may answer in several."
    margins = (Margin("group", "All trusts"),)
    return TableSpec("who", "Who is in the data", words, columns, margins, sums_of="organisations")


def trend_spec(parameters: StaffWellbeing) -> TableSpec:
    """Averages over trusts, period by period."""
    columns = (
        Column("period", "Period", "period"),
        _trusts("trusts"),
        Column(
            "exposure",
            parameters.exposure_name.capitalize(),
            "percentage" if parameters.exposure_kind == "percentage" else "mean",
            ("staff",),
            base="staff_base",
            decimals=2,
            unit=parameters.exposure_unit,
        ),
        Column("staff_base", "Staff who answered", "count", ("staff",), decimals=0),
        Column(
            "outcome",
            parameters.outcome_name.capitalize(),
            "mean",
            ("patient",),
            base="patient_base",
            decimals=2,
            unit=parameters.outcome_unit,
        ),
        Column("patient_base", "Patients who answered", "count", ("patient",), decimals=0),
    )
    words = "Each trust counts once in a period's average, whatever its size."
    title = "Staff and patients over time"
    return TableSpec("trend", title, words, columns, sums_of="organisations")


def organisations_spec() -> TableSpec:
    """One row a trust, period and measure."""

    def end(key: str, label: str) -> Column:
        return Column(key, label, "mean", base="base", decimals=2, interval_of="value")

    columns = (
        Column("unit", "Code", "label"),
        Column("unit_name", "Organisation", "label"),
        Column("period", "Period", "period"),
        Column("measure", "Measure", "label"),
        Column("source", "Source", "label"),
        Column("scale", "Scale", "label"),
        Column("value", "Value", "mean", base="base", decimals=2),
        end("conf_low", "Lower end of interval"),
        end("conf_high", "Upper end of interval"),
        Column("base", "People who answered", "count", decimals=0),
    )
    return TableSpec(
        "organisations",
        "Results by organisation",
        "Each trust's published results with the interval that their base allows.",
        columns,
        rules_by=("source", "scale"),
        totals_elsewhere=("period", "measure"),
    )


def coverage_spec() -> TableSpec:
    """How many trusts and rows are in one source only, and in both."""
    columns = (
        Column("counted", "Counted", "label"),
        Column("found_in", "Found in", "label"),
        Column("count", "Number", "count", decimals=0, counts="organisations"),
    )
    words = "Rows are trusts by period; only those in both sources are analysed."
    return TableSpec("coverage", "Staff and patient results that match", words, columns)


def measured_spec() -> TableSpec:
    """How often the design's intervals held the truth on made-up data, in the designs' words."""
    words, places = TABLES["measured"], {"simulations": 0}
    names = ("simulations", "coverage", "coverage_error", "excludes_zero", "error_share")
    figures = (
        Column(
            name,
            meaning_of("measured", name).label,
            "estimate",
            () if name in places else BOTH,
            decimals=places.get(name, 1),
            unit="" if name in places else "%",
        )
        for name in names
    )
    columns = (Column("data", meaning_of("measured", "data").label, "label"), *figures)
    return TableSpec("measured", words.title, words.description, columns)


def _trusts(name: str) -> Column:
    return Column(name, "Trusts", "count", decimals=0, counts="organisations")
