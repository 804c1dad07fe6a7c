"""Two pages for printing: the question, the answer, for whom, how sure, what was not measured."""

from evalkit.exports.page import read_asset, report_styles, write_shell
from evalkit.exports.released import ReleasedStudy
from evalkit.exports.sections import Parts, cut_report, not_passed
from evalkit.exports.tree import Node, write_tree
from evalkit.reports.words import escape


def make_summary(released: ReleasedStudy) -> bytes:
    """Return the summary of a study as a page with a style sheet for printing."""
    parts = cut_report(released)
    body = "".join(
        (
            *map(write_tree, parts.banners),
            write_tree(parts.title),
            write_tree(parts.question),
            write_tree(parts.answer),
            _write_figure(parts),
            _write_groups(parts, released.bundle.population),
            _write_certainty(parts),
            _write_part(parts.not_measured, "What was not measured"),
        )
    )
    return write_shell(released.bundle, body, styles=summary_styles()).encode()


def summary_styles() -> str:
    """Return the style sheet of the report with that of its summary behind it."""
    return report_styles() + read_asset("summary.css")


def _write_figure(parts: Parts) -> str:
    if parts.figure is None:
        return ""
    return f'<section class="card">{write_tree(parts.figure)}</section>'


def _write_groups(parts: Parts, population: str) -> str:
    table = write_tree(parts.groups) if parts.groups else ""
    return _section("For whom?", f"<p>{escape(population)}</p>{table}")


def _write_certainty(parts: Parts) -> str:
    counted = next(iter(parts.certainty.named("p")), Node("p"))
    listed = "".join(f"<li>{escape(words)}</li>" for words in not_passed(parts.certainty))
    kept = parts.meaning.find(lambda node: node.tag == "ul" and node.has_class("limits"))
    limits = f"<h3>What to keep in mind</h3>{write_tree(kept)}" if kept else ""
    body = f"{write_tree(counted)}{f'<ul>{listed}</ul>' if listed else ''}{limits}"
    return _section("How sure are we?", body)


def _write_part(part: Node, heading: str) -> str:
    kept = [child for child in part.children if isinstance(child, Node) and child.tag != "h2"]
    return _section(heading, "".join(map(write_tree, kept)))


def _section(heading: str, body: str) -> str:
    return f'<section class="card"><h2>{heading}</h2>{body}</section>'
