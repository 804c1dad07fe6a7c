"""Write the first part of a report: the question, the answer, and for whom."""

from evalkit.reports.bundle import Bundle, Cell, Table
from evalkit.reports.charts import Mark, draw_estimates
from evalkit.reports.choosable import can_choose
from evalkit.reports.decision import write_decision
from evalkit.reports.figures import list_shown, write_caption, write_figures
from evalkit.reports.people import write_not_final, write_people
from evalkit.reports.plan import say_basis, write_plan, write_stamp
from evalkit.reports.tables import fold_table, write_table
from evalkit.reports.terms import explain_terms
from evalkit.reports.told import write_limits, write_told
from evalkit.reports.versions import list_versions
from evalkit.reports.words import (
    CONFIDENTIAL,
    FACET_WORDS,
    escape,
    fewest_decimals,
    figure_decimals,
    paragraphs,
    say,
    sentence_case,
    show_interval,
    show_value,
)

SHARE = "Share"
"""How a table calls estimates that are shares and no differences."""
_PLAIN_COLUMNS = ("label", "facet", "group", "estimate", "conf_low", "conf_high", "n", "clusters")


_CONTENTS = {
    "meaning": "What this means",
    "people": "Who took part, and what they decided",
    "facets": "Each part of experience",
    "groups": "Is it the same in different groups?",
    "mechanism": "What comes first, and by which way?",
    "figures": "Seen in more ways",
    "choose": "Choose what to see",
    "organisation": "Your organisation",
    "certainty": "How sure are we?",
    "not-measured": "What was not measured",
    "method": "Method",
    "provenance": "Where these numbers come from",
    "changes": "What changed since the version you saw",
    "checklists": "Reporting checklists",
}


_EXPLAINED = ("meaning", "facets", "groups", "mechanism", "figures", "certainty", "method")
"""Sections that explain the terms they use."""


def write_section(name: str, body: str, above: str = "") -> str:
    """Return one card of the page under the heading that the list of contents gives it.

    What stands `above` explains its terms there.
    """
    return (
        f'<section class="card" id="{name}" aria-labelledby="{name}-heading">'
        f'<h2 id="{name}-heading">{_CONTENTS[name]}</h2>{body}'
        f"{explain_terms(body, above) if name in _EXPLAINED else ''}</section>"
    )


def write_summary(bundle: Bundle, notices: list[str]) -> str:
    """Return everything above the reader's own organisation."""
    return (
        write_notices(notices)
        + write_banners(bundle)
        + f'<p class="caption">{escape(bundle.title)}</p><h1>{say(bundle.question)}</h1>'
        + (answer := _write_answer(bundle))
        + _write_contents(bundle)
        + write_section("meaning", _write_meaning(bundle), answer)
        + write_section("people", write_people(bundle))
        + (write_section("facets", _write_facets(bundle)) if _has_facets(bundle) else "")
        + (write_section("groups", _write_groups(bundle)) if _has_groups(bundle) else "")
        + (write_section("mechanism", _write_mechanism(bundle)) if _has_mechanism(bundle) else "")
        + (write_section("figures", write_figures(bundle)) if list_shown(bundle) else "")
    )


def write_notices(notices: list[str]) -> str:
    """Return what was ignored in the address, in plain words."""
    if not notices:
        return ""
    return f'<div class="notice" role="note">{paragraphs(notices)}</div>'


def write_banners(bundle: Bundle) -> str:
    """Say first of all that there are no data or synthetic ones, and how a plan was kept."""
    banners = ""
    made_up = [str(source["name"]) for source in bundle.sources if source.get("synthetic")]
    if made_up and not bundle.synthetic:
        banners += (
            '<div class="banner synthetic"><p><strong>Part of these data is synthetic: '
            f"{escape(', '.join(made_up))}.</strong> "
            "The rest describes real patients, staff or trusts.</p></div>"
        )
    if bundle.synthetic:
        banners += (
            '<div class="banner synthetic"><p><strong>Synthetic data.</strong> '
            "These figures were made up to show how the report works. "
            "They describe no real patients, staff or trusts.</p></div>"
        )
    if bundle.planned:
        banners += (
            f'<div class="banner synthetic"><p><strong>{escape(say_basis(bundle))}.</strong> '
            f"{'They say' if bundle.without_data else 'It says'} what a study could find, and "
            "nothing of what it will find.</p></div>"
        )
    elif bundle.stamp != "confirmatory" or bundle.registrations > 1:
        kind = "registered" if bundle.stamp == "confirmatory" else "exploratory"
        banners += f'<div class="banner {kind}">{write_plan(bundle)}</div>'
    return banners


def headline_values(bundle: Bundle) -> dict[str, str]:
    """Return each number of the headline as released, by name."""
    table = bundle.tables.get("headline")
    if table is None:
        return {}
    ends = [row for row in table.rows if row["name"] in ("difference", "low", "high")]
    decimals = fewest_decimals(row["value"] for row in ends)
    return {
        str(row["name"]): show_value(row["value"], decimals if row in ends else None)
        for row in table.rows
    }


def smallest_difference(bundle: Bundle) -> float | None:
    """Return the smallest difference that matters to people, where the study names one."""
    table = bundle.tables.get("headline")
    for row in table.rows if table else ():
        if row.get("name") == "minimum_important_difference":
            return as_number(row.get("value"))
    return as_number(bundle.protocol.get("minimum_important_difference"))


def as_number(value: object) -> float | None:
    """Return a released number, or nothing where a mark stands in its place."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return None


def _write_answer(bundle: Bundle) -> str:
    values = headline_values(bundle)
    unit = f" {bundle.protocol.get('outcome_unit') or ''}".rstrip()
    facts = []
    if {"difference", "low", "high"} <= values.keys():
        facts.append(("Difference found", values["difference"] + unit))
        facts.append((_level(values), f"{values['low']} to {values['high']}{unit}"))
    elif bundle.planned and "detectable" in values:
        facts.append(("Difference it would find", values["detectable"] + unit))
    if "minimum_important_difference" in values:
        smallest = values["minimum_important_difference"] + unit
        facts.append(("Smallest difference that matters", smallest))
    for name, words in (("trusts", "Trusts"), ("units", "Units")):
        if values.get(name, CONFIDENTIAL) != CONFIDENTIAL:
            facts.append((words, values[name]))
    if "periods" in values:
        facts.append(("Periods", values["periods"]))
    listed = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in facts
    )
    return (
        f'<section class="answer" data-study="{escape(bundle.study)}" '
        'aria-labelledby="answer-heading">'
        f'<h2 id="answer-heading">The answer</h2><p class="stamp">{escape(write_stamp(bundle))}</p>'
        f'<p class="lead">{say(bundle.finding["answer"])}</p>'
        f"{f'<dl class=facts>{listed}</dl>' if listed else ''}{_explain_answer(bundle, listed)}"
        f"{write_decision(bundle)}"
        f"{write_not_final(bundle)}</section>"
    )


def _explain_answer(bundle: Bundle, facts: str) -> str:
    return explain_terms(f"{bundle.finding['answer']} {write_stamp(bundle)} {facts}")


def _level(values: dict[str, str]) -> str:
    text = values.get("level", "")
    try:
        share = float(text)
    except ValueError:
        return "Interval"
    return f"{share * 100 if share <= 1 else share:g}% interval"


def _write_contents(bundle: Bundle) -> str:
    absent = set() if _has_groups(bundle) else {"groups"}
    absent |= set() if _has_facets(bundle) else {"facets"}
    absent |= set() if _has_mechanism(bundle) else {"mechanism"}
    absent |= set() if list_shown(bundle) else {"figures"}
    absent |= set() if can_choose(bundle) else {"choose"}
    absent |= set() if list_versions(bundle) else {"changes"}
    absent |= set() if "organisations" in bundle.tables else {"organisation"}
    links = "".join(
        f'<li><a href="#{name}">{words}</a></li>'
        for name, words in _CONTENTS.items()
        if name not in absent
    )
    return (
        '<nav class="contents" aria-labelledby="contents-heading">'
        f'<h2 id="contents-heading">On this page</h2><ul>{links}</ul></nav>'
    )


def _write_meaning(bundle: Bundle) -> str:
    limits = bundle.finding["limits"]
    held = [limits] if isinstance(limits, str) else list(limits)
    meaning = bundle.finding["meaning"]
    return write_told([meaning] if isinstance(meaning, str) else meaning) + (
        f"<h3>What to keep in mind</h3>{write_limits(held)}" if held else ""
    )


def _has_facets(bundle: Bundle) -> bool:
    return "facets" in bundle.tables


def _write_facets(bundle: Bundle) -> str:
    table = bundle.tables["facets"]
    return (
        "<p>The same analysis for each part of experience. A mark shows the best estimate and the "
        "line its interval: the range of values that fit the data.</p>"
        + picture(bundle, table, "facets", table.rows[:1], by="facet")
    )


def _has_groups(bundle: Bundle) -> bool:
    table = bundle.tables.get("subgroups")
    return table is not None and bool(table.rows)


def _write_groups(bundle: Bundle) -> str:
    return (
        "<p>The same analysis within groups, and the difference between the groups. "
        "Groups differ clearly only where the interval of their difference leaves out zero.</p>"
        + picture(bundle, bundle.tables["subgroups"], "groups", ())
    )


def _has_mechanism(bundle: Bundle) -> bool:
    return not bundle.tables.keys().isdisjoint(("timing", "mediation"))


def _write_mechanism(bundle: Bundle) -> str:
    """Say in which order staff and patients moved, and what goes by way of something else."""
    timing, ways = bundle.tables.get("timing"), bundle.tables.get("mediation")
    order = f"<h3>Which comes first?</h3>{picture(bundle, timing, 'timing')}" if timing else ""
    if ways is None:
        return order
    told = f"<h3>{say(ways.title)}</h3>{paragraphs(ways.description)}"
    return order + told + write_table(ways, captioned=False)


def picture(
    bundle: Bundle,
    table: Table,
    name: str,
    accented: tuple[dict[str, Cell], ...] = (),
    by: str = "label",
    *,
    titled: bool = True,
) -> str:
    """Return a chart of estimates with its table folded below it; `by` names its rows.

    Without `titled` the heading above it is its title.
    """
    decimals = figure_decimals(table)
    marks = [
        Mark(
            row_label(row, table, by),
            as_number(row.get("estimate")),
            as_number(row.get("conf_low")),
            as_number(row.get("conf_high")),
            show_interval(row, table, decimals=decimals),
            row in accented,
        )
        for row in table.rows
    ]
    told = table.column("estimate").label
    measure = "Difference" if told == "Estimate" else told
    spoken = "; ".join(f"{mark.label}: {mark.text}" for mark in marks)
    drawn = draw_estimates(
        marks,
        name=name,
        title=table.title,
        description=f"Estimates with intervals. {spoken}.",
        axis=f"{measure}, {table.column('estimate').unit}".rstrip(", "),
        smallest=None if measure == SHARE else smallest_difference(bundle),
    )
    columns = [c.name for c in table.columns if c.name in _PLAIN_COLUMNS]
    if "label" in columns:
        columns = [c for c in columns if c not in ("facet", "group")]
    written = write_table(table, columns=columns, captioned=False)
    return f"<figure>{write_caption(table, titled=titled)}{drawn}</figure>" + fold_table(
        written, f"Show the numbers as a table: {table.title}"
    )


def row_label(row: dict[str, Cell], table: Table, by: str = "label") -> str:
    """Return what a row of estimates is called on the page."""
    for name in (by, "label", "group", "facet", "method", "term"):
        value = row.get(name)
        if value not in (None, ""):
            words = FACET_WORDS.get(str(value)) if name == "facet" else None
            return words or (str(value) if name == "label" else sentence_case(str(value)))
    return table.title
