"""A page as a tree: what the summary and the document are cut from, and what is checked."""

import html
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_EMPTY = frozenset({"br", "img", "input", "meta", "link", "hr"})
_RAW = frozenset({"script", "style"})
_BLOCKS = frozenset(
    {
        "p",
        "li",
        "dt",
        "dd",
        "td",
        "th",
        "h1",
        "h2",
        "h3",
        "caption",
        "figcaption",
        "summary",
        "text",
    }
)


@dataclass(slots=True)
class Node:
    """An element with its attributes, and below it elements and texts."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: "list[Node | str]" = field(default_factory=list)

    def below(self) -> "Iterator[Node]":
        """Yield this element and every one below it, in the order of the page."""
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.below()

    def find(self, wanted: "Callable[[Node], bool]") -> "Node | None":
        """Return the first element that is wanted, or nothing."""
        return next((node for node in self.below() if wanted(node)), None)

    def named(self, *tags: str) -> "list[Node]":
        """Return every element of these tags."""
        return [node for node in self.below() if node.tag in tags]

    def has_class(self, name: str) -> bool:
        """Say whether the element is of a class."""
        return name in self.attributes.get("class", "").split()


def parse_page(text: str) -> Node:
    """Return the tree of a page, or of a part of one, under a root without a name."""
    builder = _Builder()
    builder.feed(text)
    builder.close()
    return builder.root


def text_of(node: "Node | str") -> str:
    """Return what is said, in one line; the parts of a page are kept apart by spaces."""
    return " ".join(_texts(node).split())


def write_tree(node: "Node | str") -> str:
    """Return a tree as HTML, with every text escaped."""
    if isinstance(node, str):
        return html.escape(node, quote=False)
    inner = "".join(map(write_tree, node.children))
    if not node.tag:
        return inner
    attributes = "".join(f' {name}="{html.escape(v)}"' for name, v in node.attributes.items())
    head = f"<{node.tag}{attributes}>"
    return head if node.tag in _EMPTY else f"{head}{inner}</{node.tag}>"


def _texts(node: "Node | str") -> str:
    if isinstance(node, str):
        return node
    if node.tag in _RAW:
        return ""
    inner = "".join(map(_texts, node.children))
    return f" {inner} " if node.tag in _BLOCKS or node.tag == "br" else inner


def _attributes(pairs: list[tuple[str, str | None]]) -> dict[str, str]:
    """Return attributes; one that stands twice holds both, as browsers and parsers differ."""
    held: dict[str, str] = {}
    for name, value in pairs:
        held[name] = f"{held[name]} {value or ''}" if name in held else value or ""
    return held


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, _attributes(attrs))
        self._open[-1].children.append(node)
        if tag not in _EMPTY:
            self._open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].children.append(Node(tag, _attributes(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if any(node.tag == tag for node in self._open[1:]):
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)

    def handle_comment(self, data: str) -> None:
        self._open[-1].children.append(Node("comment", {"text": data}))

    def handle_pi(self, data: str) -> None:
        self.handle_comment(data)

    def unknown_decl(self, data: str) -> None:
        self.handle_comment(data)

    def handle_decl(self, decl: str) -> None:
        if decl.casefold() != "doctype html":
            self.handle_comment(decl)
