"""Write all studies on one page, for a board: question, answer, size, and how sure."""

from pathlib import Path

from evalkit.errors import EvalkitError
from evalkit.reports.bundle import Bundle, read_bundle, released_studies
from evalkit.reports.gallery import PLANS, plan_of
from evalkit.reports.links import View, write_address
from evalkit.reports.plan import say_checks, write_stamp
from evalkit.reports.summary import headline_values
from evalkit.reports.sweep_file import members
from evalkit.reports.sweep_page import write_sweeps
from evalkit.reports.words import end_sentence, escape, say

_COLUMNS = ("Answer", "Size", "How sure")


def write_portfolio(folder: Path) -> str:
    """Return the table of all studies: those that followed a plan first, those to come last."""
    bundles, faults = _read_all(folder)
    order = list(PLANS)
    bundles.sort(key=lambda bundle: (order.index(plan_of(bundle)), bundle.title.casefold()))
    head = "".join(
        f'<th scope="col" role="columnheader">{words}</th>' for words in ("Question", *_COLUMNS)
    )
    rows = "".join(map(_write_row, bundles))
    table = (
        '<table class="ledger portfolio" role="table"><caption class="visually-hidden">Every '
        "study, its answer, the size of what was found, and how sure one can be</caption>"
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>'
        f'<tbody role="rowgroup">{rows}</tbody></table>'
    )
    return (
        "<h1>What the studies found</h1>"
        f'<p class="lead">{_count(bundles)} Open a study for the reasons behind its answer.</p>'
        '<p class="onward"><a href="./">Search and filter the studies</a></p>'
        + "".join(f'<p class="notice">{escape(fault)}</p>' for fault in faults)
        + (f'<div class="card">{table}</div>' if bundles else "")
        + write_sweeps(folder)
    )


def _read_all(folder: Path) -> tuple[list[Bundle], list[str]]:
    bundles, faults = [], []
    apart = members(folder)
    for name in (name for name in released_studies(folder) if name not in apart):
        try:
            bundles.append(read_bundle(folder, name))
        except EvalkitError as fault:
            faults.append(str(fault))
    return bundles, faults


def _count(bundles: list[Bundle]) -> str:
    if not bundles:
        return "Nothing has been released yet."
    told = []
    for plan, words in PLANS.items():
        number = sum(plan_of(bundle) == plan for bundle in bundles)
        if plan and number:
            told.append(f"{words[0].lower()}{words[1:]}: {number}")
    noun = "study" if len(bundles) == 1 else "studies"
    made_up = all(bundle.synthetic or bundle.without_data for bundle in bundles)
    return f"{len(bundles)} {noun} ({'; '.join(told)}). " + (
        "All data are synthetic: the answers describe no real patients." if made_up else ""
    )


def _write_row(bundle: Bundle) -> str:
    address = "study" + escape(write_address(View(bundle.study, view="")))
    cells = (say(bundle.finding["answer"]), _write_size(bundle), _write_sureness(bundle))
    written = "".join(
        f'<td role="cell" data-label="{label}"><div>{cell}</div></td>'
        for label, cell in zip(_COLUMNS, cells, strict=True)
    )
    made_up = "" if not bundle.synthetic else '<p><span class="tag synthetic">Synthetic</span></p>'
    return (
        f'<tr role="row"><th scope="row" role="rowheader"><p><a href="{address}">'
        f"{escape(bundle.title)}</a></p><p>{say(bundle.question)}</p>{made_up}</th>{written}</tr>"
    )


def _write_size(bundle: Bundle) -> str:
    """Return what was found beside what would matter, as they stand at the head of the study."""
    values = headline_values(bundle)
    unit = f" {bundle.protocol.get('outcome_unit') or ''}".rstrip()
    lines = []
    if {"difference", "low", "high"} <= values.keys():
        lines.append(f"{values['difference']} ({values['low']} to {values['high']}){unit}")
    elif bundle.planned and "detectable" in values:
        lines.append(f"Would find {values['detectable']}{unit}")
    if lines and "minimum_important_difference" in values:
        lines.append(f"What matters: {values['minimum_important_difference']}{unit}")
    lines = lines or ["Not one number: see the answer"]
    return "".join(f"<p>{say(line)}</p>" for line in lines)


def _write_sureness(bundle: Bundle) -> str:
    heading, _, _ = write_stamp(bundle).partition(": ")
    return f"<p>{say(end_sentence(heading))}</p><p>{say(say_checks(bundle))}</p>"
