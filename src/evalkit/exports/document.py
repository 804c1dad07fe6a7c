"""The report as a Word document: the page's own words under real headings.

The page is read as a tree, and each part becomes what Word calls it: headings, lists, tables
whose header row is repeated on every page, pictures with their alternative text.
"""

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from evalkit.exports.pack import AUTHOR, LANGUAGE, STAMP, pack_parts, read_parts
from evalkit.exports.page import FOOTER, write_body
from evalkit.exports.released import ReleasedStudy
from evalkit.exports.tree import Node, parse_page, text_of
from evalkit.reports.bundle import Bundle

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table
    from docx.text.paragraph import Paragraph

_HEADINGS = {"h1": 1, "h2": 2, "h3": 3}
_SKIPPED = frozenset({"nav", "noscript", "script", "form"})
_CHOOSING = frozenset({"choose", "search"})
"""Parts by which a reader of a page chooses what is shown; their tables stand elsewhere too."""

_DRAWN_AS = {"groups": "subgroups"}
"""What the page calls a chart, where the released figure has another name."""

_BOXES = frozenset({"section", "div", "article", "figure"})
_LEFT_OUT = ("/thumbnail", "/customXml", "/stylesWithEffects")
"""Parts of the library's empty document that no reader needs."""

_LONG_LIST = 30
_PICTURE_WIDTH = 16 * 360_000
"""Sixteen centimetres, in the units of the format."""


def make_document(released: ReleasedStudy) -> bytes:
    """Return the Word document of a study."""
    import docx

    document = docx.Document()
    _set_properties(document, released.bundle)
    _set_page(document, released.bundle)
    _Writer(document, released).write(parse_page(write_body(released)))
    target = io.BytesIO()
    document.save(target)
    return pack_parts(read_parts(target.getvalue()))


class _Writer:
    """Write a tree into a document; `level` is that of the last heading."""

    def __init__(self, document: "Document", released: ReleasedStudy) -> None:
        self._document = document
        self._released = released
        self._small = document.styles["Table text"].style_id
        self._level = 1
        self._explained: set[str] = set()
        self._by_tag: dict[str, Callable[[Node], None]] = {
            "ul": self._list,
            "dl": self._facts,
            "table": self._table,
            "details": self._folded,
            "img": self._drawing,
            "svg": self._chart,
        }

    def write(self, node: Node) -> None:
        """Write everything below a node."""
        for child in node.children:
            if isinstance(child, str) or _is_skipped(child):
                continue
            if child.has_class("terms"):
                self._terms(child)
            elif child.tag in self._by_tag:
                self._by_tag[child.tag](child)
            elif child.tag in _HEADINGS:
                self._heading(text_of(child), _HEADINGS[child.tag])
            elif child.tag in _BOXES:
                self.write(child)
            elif text_of(child):
                self._paragraph(child, _style_of(child))

    def _heading(self, words: str, level: int) -> None:
        self._level = level
        self._document.add_heading(words, level)

    def _paragraph(self, node: Node, style: str = "Normal") -> None:
        _add_runs(self._document.add_paragraph(style=style), node)

    def _list(self, node: Node) -> None:
        """Write each item; one that holds a list is written as its heading before it."""
        for item in node.named("li"):
            heads = item.named("p") if item.named("ul") else [item]
            for head in heads:
                self._paragraph(head, "List Bullet")

    def _facts(self, node: Node) -> None:
        """Write names with their values; a long list as one paragraph."""
        names, values = map(text_of, node.named("dt")), map(text_of, node.named("dd"))
        told = list(zip(names, values, strict=True))
        if len(told) > _LONG_LIST:
            self._document.add_paragraph("; ".join(f"{name} {value}" for name, value in told))
            return
        for name, value in told:
            paragraph = self._document.add_paragraph()
            paragraph.add_run(f"{name}: ").bold = True
            paragraph.add_run(value)

    def _folded(self, node: Node) -> None:
        """Write what the page folds away; a table has its caption, anything else a heading."""
        summary = next(iter(node.named("summary")), Node("summary"))
        if not node.named("table"):
            self._heading(text_of(summary), min(self._level + 1, 4))
        self.write(Node("div", {}, [child for child in node.children if child is not summary]))

    def _terms(self, node: Node) -> None:
        """Write a term with its meaning where it is used first, and not again."""
        for held in node.named("details"):
            name = text_of(held.named("summary")[0]).partition(":")[0]
            if name not in self._explained:
                self._explained.add(name)
                paragraph = self._document.add_paragraph()
                paragraph.add_run(f"{name}: ").bold = True
                paragraph.add_run(text_of(held.named("p")[0]))

    def _table(self, node: Node) -> None:
        caption = next((text_of(held) for held in node.named("caption")), "Table")
        rows = [row.named("th", "td") for row in node.named("tr")]
        if not rows:
            return
        below = self._document.add_paragraph(caption, style="Caption")
        below.paragraph_format.keep_with_next = True
        table = self._document.add_table(len(rows), len(rows[0]), style="Table Grid")
        for written, cells in zip(table.rows, rows, strict=True):
            for place, cell in zip(written.cells, cells, strict=True):
                place.paragraphs[0].text = text_of(cell)
                place.paragraphs[0]._p.style = self._small
        _mark_header(table, caption)
        self._document.add_paragraph(style="Table text")

    def _drawing(self, node: Node) -> None:
        alt = node.attributes.get("alt", "")
        figures = self._released.bundle.figures.values()
        self._picture(next((f for f in figures if f["alt"] == alt), None))

    def _chart(self, node: Node) -> None:
        """Put the released figure in the place of a chart that the page draws."""
        if not node.has_class("wide"):
            return
        name = node.attributes.get("aria-labelledby", "").partition("-wide")[0]
        wanted = _DRAWN_AS.get(name, name)
        figures = self._released.bundle.figures.values()
        figure = next((f for f in figures if f["table"] == wanted), None)
        if figure is None:
            self._document.add_paragraph(". ".join(map(text_of, node.named("title", "desc"))))
        else:
            self._picture(figure)

    def _picture(self, figure: dict[str, Any] | None) -> None:
        if figure is None or not figure.get("png"):
            return
        content = io.BytesIO(self._released.files[figure["png"]])
        shape = self._document.add_picture(content, width=_PICTURE_WIDTH)
        told = shape._inline.docPr
        told.set("name", "Figure")
        told.set("descr", figure["alt"])
        told.set("title", figure["title"])


def _is_skipped(node: Node) -> bool:
    chooses = node.attributes.get("id") in _CHOOSING
    leads_back = node.tag == "p" and any(link.has_class("this-view") for link in node.named("a"))
    unread = node.has_class("key") or node.has_class("served-only")
    return node.tag in _SKIPPED or unread or chooses or leads_back


def _style_of(node: Node) -> str:
    if node.tag == "figcaption":
        return "Caption"
    return "Subtitle" if node.has_class("caption") else "Normal"


def _add_runs(paragraph: "Paragraph", node: Node, *, bold: bool = False) -> None:
    """Write a text with what is strong in it; runs of spaces and line ends become one space."""
    for child in node.children:
        if isinstance(child, str):
            words = " ".join(child.split())
            before = " " if child[:1].isspace() else ""
            after = " " if words and child[-1:].isspace() else ""
            paragraph.add_run(f"{before}{words}{after}").bold = bold or None
        elif child.tag == "br":
            paragraph.add_run().add_break()
        else:
            _add_runs(paragraph, child, bold=bold or child.tag == "strong")


def _mark_header(table: "Table", caption: str) -> None:
    """Repeat the header row on every page, keep rows whole, and give the table its title."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for index, row in enumerate(table.rows):
        marks = row._tr.get_or_add_trPr()
        marks.append(OxmlElement("w:cantSplit"))
        if index == 0:
            marks.append(OxmlElement("w:tblHeader"))
            for cell in row.cells:
                for run in cell.paragraphs[0].runs:
                    run.bold = True
    title = OxmlElement("w:tblCaption")
    title.set(qn("w:val"), caption)
    table._tbl.tblPr.append(title)


def _set_properties(document: "Document", bundle: Bundle) -> None:
    properties = document.core_properties
    properties.title, properties.language = bundle.title[:255], LANGUAGE
    properties.author = properties.last_modified_by = AUTHOR
    properties.subject = "Synthetic data" if bundle.synthetic else ""
    properties.comments = properties.keywords = ""
    properties.created = properties.modified = STAMP
    properties.revision = 1
    for links in (document.part.package.rels, document.part.rels):
        for name in [name for name, link in links.items() if link.reltype.endswith(_LEFT_OUT)]:
            del links[name]


def _set_page(document: "Document", bundle: Bundle) -> None:
    """Set paper, fonts, language, and what stands above and below every page."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(25)
    above = f"{bundle.title}. Synthetic data." if bundle.synthetic else bundle.title
    page.header.paragraphs[0].text = above
    page.footer.paragraphs[0].text = FOOTER
    for name in ("Normal", "Heading 1", "Heading 2", "Heading 3", "Heading 4", "Caption"):
        _set_font(document.styles[name])
    document.styles["Normal"].font.size = Pt(12)
    small = document.styles.add_style("Table text", WD_STYLE_TYPE.PARAGRAPH)
    small.base_style = document.styles["Normal"]
    small.font.size = Pt(9)
    small.paragraph_format.space_after = Pt(0)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), LANGUAGE)
    for language in document.settings.element.iter(qn("w:themeFontLang")):
        language.set(qn("w:val"), LANGUAGE)


def _set_font(style: Any) -> None:
    """Write in Arial, in black on white, whatever the template's theme says."""
    from docx.oxml.ns import qn
    from docx.shared import RGBColor

    style.font.name = "Arial"
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.rPr.rFonts
    for name in [name for name in fonts.attrib if name.endswith("Theme")]:
        del fonts.attrib[name]
    for kind in ("w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(kind), "Arial")
