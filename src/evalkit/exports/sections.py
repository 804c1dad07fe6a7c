"""Cut the report into the parts that other forms of it are made of: the same words everywhere."""

from collections.abc import Iterator
from dataclasses import dataclass

from evalkit.exports.page import write_body
from evalkit.exports.released import ReleasedStudy
from evalkit.exports.tree import Node, parse_page, text_of

_MOST_GROUPS = 10


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a report by what they are for; a part that a study lacks is None."""

    banners: list[Node]
    title: Node
    question: Node
    answer: Node
    meaning: Node
    figure: Node | None
    groups: Node | None
    certainty: Node
    not_measured: Node
    method: Node


def cut_report(released: ReleasedStudy) -> Parts:
    """Return the parts of the report as the served page writes them."""
    tree = parse_page(write_body(released))
    return Parts(
        banners=[node for node in tree.below() if node.has_class("banner")],
        title=_first(tree, "p", "caption"),
        question=_first(tree, "h1"),
        answer=_first(tree, "section", "answer"),
        meaning=section(tree, "meaning"),
        figure=_one_figure(tree),
        groups=_few_groups(tree),
        certainty=section(tree, "certainty"),
        not_measured=section(tree, "not-measured"),
        method=section(tree, "method"),
    )


def section(tree: Node, name: str) -> Node:
    """Return a section of the page by its place in the list of contents; empty where absent."""
    return tree.find(lambda node: node.attributes.get("id") == name) or Node("section")


def facts_of(answer: Node) -> Iterator[tuple[str, str]]:
    """Yield each fact beside the answer: what it is, and its value as it is shown."""
    names, values = answer.named("dt"), answer.named("dd")
    yield from zip(map(text_of, names), map(text_of, values), strict=True)


def not_passed(certainty: Node) -> list[str]:
    """Return each assumption that did not pass, with its verdict first."""
    rows = [row for row in certainty.named("tr") if row.has_class("check")]
    heads = [row.named("th")[0] for row in rows if not row.has_class("passes")]
    return [": ".join(map(text_of, head.named("p"))) for head in heads]


def _first(tree: Node, tag: str, kind: str = "") -> Node:
    return tree.find(lambda n: n.tag == tag and (not kind or n.has_class(kind))) or Node(tag)


def _one_figure(tree: Node) -> Node | None:
    """Return the chart of facets in its wide form, or else the first figure of the page."""
    figure = tree.find(lambda node: node.tag == "figure")
    if figure is None:
        return None
    kept = [c for c in figure.children if isinstance(c, str) or not c.has_class("narrow")]
    return Node("figure", {}, kept)


def _few_groups(tree: Node) -> Node | None:
    table = section(tree, "groups").find(lambda node: node.has_class("table-scroll"))
    return table if table and len(table.named("tr")) <= _MOST_GROUPS else None
