"""Write what many runs of one study show together, from their released reports."""

from pathlib import Path
from typing import Any

from evalkit.errors import EvalkitError
from evalkit.reports.bundle import Bundle, read_bundle
from evalkit.reports.charts import Mark, draw_estimates
from evalkit.reports.choices import name_choice, show_choice
from evalkit.reports.links import View, write_address
from evalkit.reports.plan import say_checks
from evalkit.reports.summary import as_number, headline_values, smallest_difference
from evalkit.reports.sweep_file import ReleasedSweep, read_sweep, released_sweeps
from evalkit.reports.words import CONFIDENTIAL, escape, say, sentence_case, show_value

_SURE = 0.05
Run = tuple[dict[str, Any], Bundle]
"""What was worked out of a run, and its released report."""


def write_sweeps(folder: Path) -> str:
    """Return links to every released sweep, or nothing."""
    items = "".join(
        f'<li><a href="sweep?sweep={escape(name)}">{escape(sentence_case(name))}</a></li>'
        for name in released_sweeps(folder)
    )
    if not items:
        return ""
    return (
        '<section class="card" aria-labelledby="sweeps-heading"><h2 id="sweeps-heading">Studies '
        "that were asked many times</h2><p>Of each site, or in each way to analyse them. Their "
        f"single reports are linked from there.</p><ul>{items}</ul></section>"
    )


def write_sweep(folder: Path, sweep: str) -> str:
    """Return the page of a sweep: its runs, a picture of them, and what they show together."""
    held = read_sweep(folder, sweep)
    runs = _still_there(folder, held)
    if not runs:
        return (
            f"<h1>{escape(sentence_case(sweep))}</h1>"
            '<p class="notice">All its runs were withdrawn, or released anew. Nothing is shown '
            f"until the sweep is released again.</p>{_BACK}"
        )
    first = runs[0][1]
    whole = len(runs) == len(held.runs)
    return (
        _write_banner(runs)
        + f'<p class="caption">{escape(sentence_case(sweep))}</p><h1>{say(first.question)}</h1>'
        + _write_answer(held, runs, whole=whole)
        + f'<section class="card"><h2>{_heading(held)}</h2>{_write_chart(held, runs)}</section>'
        + (_write_drawn(held, runs) if held.sites and whole and held.together else "")
        + f'<section class="card"><h2>Every run</h2>{_write_runs(held, runs)}</section>{_BACK}'
    )


_BACK = '<p class="onward"><a href="./">See all studies</a></p>'


def _still_there(folder: Path, held: ReleasedSweep) -> list[Run]:
    """Return the runs whose report is the one that was read for this page."""
    found = []
    for run in held.runs:
        try:
            bundle = read_bundle(folder, run["study"])
        except EvalkitError:
            continue
        if bundle.record_sha256 == run["record_sha256"]:
            found.append((run, bundle))
    return found


def _write_banner(runs: list[Run]) -> str:
    if not any(bundle.synthetic for _, bundle in runs):
        return ""
    return (
        '<div class="banner synthetic"><p><strong>Synthetic data.</strong> These figures were '
        "made up to show how the report works. They describe no real patients, staff or trusts."
        "</p></div>"
    )


def _heading(held: ReleasedSweep) -> str:
    if held.sites:
        return "Each site as it was measured"
    return "Each part of the data" if _looks_at_parts(held) else "Each way to analyse it"


def _looks_at_parts(held: ReleasedSweep) -> bool:
    """Say whether the runs differ in whose data they read alone, and not in how."""
    return all(set(run["varied"]) == {"only"} for run in held.runs)


def _write_answer(held: ReleasedSweep, runs: list[Run], *, whole: bool) -> str:
    unit = f" {runs[0][1].protocol.get('outcome_unit') or ''}".rstrip()
    told = f"{len(runs)} of {held.asked} runs are released."
    gone = len(held.runs) - len(runs)
    notes = f"<p>{told}</p>"
    if gone:
        notes += (
            f"<p>{gone} more {'was' if gone == 1 else 'were'} withdrawn, or released anew. What "
            "all show together is not told until the sweep is released again.</p>"
        )
    if held.asked > len(held.runs):
        notes += (
            "<p>Runs that are not released are not in these figures. If what they found had a "
            "part in that, the rest mislead.</p>"
        )
    lead = _say_together(held, len(runs), unit) if whole else ""
    shown = f'<p class="lead">{say(lead)}</p>' if lead else ""
    return (
        '<section class="answer" aria-labelledby="answer-heading"><h2 id="answer-heading">What '
        f"they show together</h2>{shown}{notes}</section>"
    )


def _say_together(held: ReleasedSweep, number: int, unit: str) -> str:
    told = {name: _show(held, value) for name, value in held.together.items()}
    if {"pooled", "new_low"} <= told.keys():
        far = sum((run.get("p_holm") or 1.0) < _SURE for run in held.runs)
        outside = f"{far} lie" if far > 1 else ("1 lies" if far else "None lies")
        return (
            f"Over {number} sites the difference is {told['pooled']}{unit} "
            f"({100 * held.together['level']:g}% interval {told['pooled_low']} to "
            f"{told['pooled_high']}). In a new site it would lie between {told['new_low']} and "
            f"{told['new_high']}. {outside} further from the others than chance explains."
        )
    if {"lowest", "beyond_zero"} <= told.keys():
        beyond = int(held.together["beyond_zero"])
        by, ways = ("how it is analysed", "ways")
        if _looks_at_parts(held):
            by, ways = ("whose data are looked at", "parts of the data")
        return (
            f"The difference lies between {told['lowest']} and {told['highest']}{unit}, depending "
            f"on {by}. Half of the {number} {ways} give more than {told['middle']}. "
            f"In {beyond} of them the interval leaves out zero."
        )
    return ""


def _show(held: ReleasedSweep, value: float | None) -> str:
    return show_value(value, min(held.decimals, 2))


def _name_run(run: dict[str, Any], bundle: Bundle) -> str:
    """Return what sets a run apart, in words; without a choice that differs, its name."""
    varied = run["varied"].items()
    told = [
        _show_choice(name, value)
        if isinstance(value, dict)
        else f"{name_choice(name)}: {_show_choice(name, value)}"
        for name, value in varied
    ]
    return "; ".join(told) or sentence_case(bundle.study)


def _show_choice(name: str, value: Any) -> str:
    if isinstance(value, dict) and len(value) == 1:
        ((role, held),) = value.items()
        return f"{name_choice(role)} {show_choice(role, held)}"
    if name == "periods" and isinstance(value, list) and len(value) > 1:
        return f"{value[0]} to {value[-1]}"
    return show_choice(name, value)


def _sorted(runs: list[Run]) -> list[Run]:
    return sorted(runs, key=lambda run: as_number(run[0]["estimate"]) or 0.0)


def _write_chart(held: ReleasedSweep, runs: list[Run]) -> str:
    marks = [_mark(held, run, bundle, "estimate", "conf") for run, bundle in _sorted(runs)]
    if held.sites and len(runs) == len(held.runs) and "pooled" in held.together:
        middle, low, high = (held.together[n] for n in ("pooled", "pooled_low", "pooled_high"))
        words = f"{_show(held, middle)} ({_show(held, low)} to {_show(held, high)})"
        marks.append(Mark("All sites together", middle, low, high, words, accent=True))
    return _draw(runs, marks, "runs", _heading(held))


def _write_drawn(held: ReleasedSweep, runs: list[Run]) -> str:
    marks = [_mark(held, run, bundle, "shrunk", "shrunk") for run, bundle in _sorted(runs)]
    return (
        '<section class="card"><h2>Each site, allowing for chance</h2><p>A site with few answers '
        "lies far out more easily. Here each is drawn towards the others as far as its own "
        "uncertainty warrants: a better guess of what is true there.</p>"
        f"{_draw(runs, marks, 'drawn', 'Each site, allowing for chance')}</section>"
    )


def _mark(held: ReleasedSweep, run: dict[str, Any], bundle: Bundle, name: str, ends: str) -> Mark:
    middle, low, high = (as_number(run.get(n)) for n in (name, f"{ends}_low", f"{ends}_high"))
    words = CONFIDENTIAL
    if middle is not None:
        words = f"{_show(held, middle)} ({_show(held, low)} to {_show(held, high)})"
    return Mark(_name_run(run, bundle), middle, low, high, words)


def _draw(runs: list[Run], marks: list[Mark], name: str, title: str) -> str:
    bundle = runs[0][1]
    unit = bundle.protocol.get("outcome_unit") or ""
    drawn = draw_estimates(
        marks,
        name=name,
        title=title,
        description="; ".join(f"{mark.label}: {mark.text}" for mark in marks) + ".",
        axis=f"Difference, {unit}".rstrip(", "),
        smallest=smallest_difference(bundle),
    )
    return f"<figure>{drawn}</figure>"


def _write_runs(held: ReleasedSweep, runs: list[Run]) -> str:
    body = "".join(_write_run(held, run, bundle) for run, bundle in runs)
    heads = ("Run", "Answer", "Difference", "Checks")
    columns = "".join(f'<th scope="col" role="columnheader">{head}</th>' for head in heads)
    return (
        '<table class="ledger portfolio" role="table"><caption class="visually-hidden">Every run, '
        "its answer, the difference found, and its checks</caption>"
        f'<thead role="rowgroup"><tr role="row">{columns}</tr></thead>'
        f'<tbody role="rowgroup">{body}</tbody></table>'
    )


def _write_run(held: ReleasedSweep, run: dict[str, Any], bundle: Bundle) -> str:
    address = "study" + escape(write_address(View(bundle.study, view="")))
    values = headline_values(bundle)
    size = CONFIDENTIAL
    if {"difference", "low", "high"} <= values.keys() and values["difference"] != CONFIDENTIAL:
        size = f"{values['difference']} ({values['low']} to {values['high']})"
    cells = (
        ("Answer", bundle.finding["answer"]),
        ("Difference", size),
        ("Checks", say_checks(bundle)),
    )
    written = "".join(
        f'<td role="cell" data-label="{label}"><div><p>{say(cell)}</p></div></td>'
        for label, cell in cells
    )
    return (
        f'<tr role="row"><th scope="row" role="rowheader"><p><a href="{address}">'
        f"{say(_name_run(run, bundle))}</a></p></th>{written}</tr>"
    )
