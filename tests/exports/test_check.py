"""An export that holds what was not released is found out, whatever its format and wherever."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evalkit.disclosure.consent import NOT_AGREED, keep_withheld
from evalkit.errors import DataError, DisclosureError
from evalkit.exports.allowed import Allowed, allow
from evalkit.exports.export import FORMATS, export_study
from evalkit.exports.pack import pack_parts, read_parts
from evalkit.exports.released import ReleasedStudy, open_released
from evalkit.record.withheld import Withheld, word_runs

STUDY = "staff_wellbeing"
PLANT = "8.27153"


@pytest.fixture
def content(content: dict[str, Any]) -> dict[str, Any]:
    """Return the content with two periods of each organisation, which is quicker to read."""
    rows = content["tables"]["organisations"]["rows"]
    content["tables"]["organisations"]["rows"] = [r for r in rows if r[2] in ("2021 Q1", "2022 Q2")]
    return content


@pytest.fixture
def allowed(released: ReleasedStudy) -> Allowed:
    """Return what may stand in an export of the study."""
    return allow(released)


@pytest.fixture(scope="session")
def kept() -> dict[str, bytes]:
    """Return exports as they were made, by format: each is made once."""
    return {}


@pytest.fixture
def make(released: ReleasedStudy, kept: dict[str, bytes]) -> Callable[[str], bytes]:
    """Return a function that makes an export of the study."""

    def made(form: str) -> bytes:
        if form not in kept:
            kept[form] = FORMATS[form].make(released)
        return kept[form]

    return made


def planted(form: str, content: bytes, old: str, new: str, part: str = "") -> bytes:
    """Return an export with one text put in the place of another, which must be there."""
    if not part:
        assert old.encode() in content, form
        return content.replace(old.encode(), new.encode(), 1)
    parts = read_parts(content)
    assert old.encode() in parts[part], (part, old)
    parts[part] = parts[part].replace(old.encode(), new.encode(), 1)
    return pack_parts(parts)


def reasons(form: str, content: bytes, allowed: Allowed) -> str:
    """Return every reason that the check of a format gives, with its place, and never a value."""
    found = " | ".join(f"{place}: {why}" for place, why, _ in FORMATS[form].check(content, allowed))
    assert PLANT not in found
    return found


@pytest.mark.parametrize("form", list(FORMATS))
def test_what_is_released_passes(form: str, make: Callable[[str], bytes], allowed: Allowed) -> None:
    """An export as it is made holds nothing that its check refuses."""
    assert reasons(form, make(form), allowed) == ""


PAGE = [
    ("The answer</h2>", f"The answer {PLANT}</h2>", "element h2: a number"),
    ("The answer</h2>", "The answer 8.<b>27153</b></h2>", "a number"),
    ("The answer</h2>", "The answer 943 476 5919</h2>", "NHS number"),
    ('<main id="content"', f'<main title="{PLANT}" id="content"', "attribute title of main"),
    ('<main id="content"', f'<main data-n="{PLANT}" id="content"', "attribute data-n of main"),
    ('<main id="content"', '<main onclick="f()" id="content"', "is a script"),
    ("</main>", f"<!-- {PLANT} --></main>", "a number"),
    ("</main>", "<script>f()</script></main>", "is not the script"),
    ("</main>", '<img src="https://example.org/x.png"></main>', "refers outside the file"),
    ("</main>", '<img src="data:image/png;base64,AAAA"></main>', "is no released picture"),
    ("</main>", "<iframe></iframe></main>", "is no part of a report"),
    ("Content-Security-Policy", "Nothing", "no content security policy"),
    ("</desc>", f" {PLANT}</desc>", "element desc"),
    ("The answer</h2>", "The answer twenty-four people</h2>", "a number"),
    ("The answer</h2>", "The answer \u2008.27153</h2>", "a number"),
    ("The answer</h2>", "The answer ８．２７１５３</h2>", "a number"),
    ('<main id="content"', f'<main id="n{PLANT}" id="content"', "attribute id of main"),
    ('<main id="content"', f'<main title="{PLANT}" title="" id="content"', "attribute title of"),
    ("</main>", f"<?note {PLANT}?></main>", "a number"),
    ("</main>", f"<![CDATA[{PLANT}]]></main>", "a number"),
    ("<!DOCTYPE html>", f"<!DOCTYPE html {PLANT}>", "a number"),
    ('<main id="content"', '<main data-n="nobody@example.org" id="content"', "e-mail"),
    ('<main id="content"', '<main style="left:8px" id="content"', "is a script or a style"),
    ('<main id="content"', f'<main class="n{PLANT}" id="content"', "is no plain name"),
    ('<main id="content"', f'<main aria-label="{PLANT}" id="content"', "attribute aria-label"),
    ("</main>", '<a href="javascript:f()">more</a></main>', "refers outside the file"),
    ("</main>", '<a href="?next=//example.org">more</a></main>', ""),
    ("</main>", '<img src="data:image/png;base64,A">%</main>', "is no released picture"),
    ("</main>", f'<img src="data:," alt="{PLANT}"></main>', "attribute alt of img"),
    ("</main>", "<style>p{color:red}</style></main>", "is not the script or the style"),
    ("</main>", '<script type="application/json">{</script></main>', "that can be read"),
    ("</main>", f'<p class="tick">{PLANT}</p></main>', "element p: a number"),
    ("</main>", f'<text class="tick">{PLANT} people</text></main>', "tick: a number"),
    ("</main>", f"<dd>{PLANT}</dd></main>", "element dd: a number"),
]


@pytest.mark.parametrize("form", ["html", "summary"])
@pytest.mark.parametrize(("old", "new", "reason"), PAGE)
def test_what_is_planted_in_a_page_is_found(
    form: str, old: str, new: str, reason: str, make: Callable[[str], bytes], allowed: Allowed
) -> None:
    """Texts, over elements too, attributes, comments, scripts and references are read."""
    made = planted(form, make(form), old, new)
    assert reason in reasons(form, made, allowed)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"rows":{"S00":[[0,"', f'"rows":{{"S00":[[0,"{PLANT}'),
        ('"names":{"S00":"', f'"names":{{"S00":"{PLANT} '),
        ("this organisation, with", f"this organisation {PLANT}, with"),
        ('{"study":', f'{{"hidden":{PLANT},"study":'),
        ('"rows":{"S00":[[0,', '"rows":{"S00":[[8271,'),
        ('"rows":{"S00":[[0,', '"rows":{"S00":[[-8271,'),
    ],
)
def test_what_is_planted_in_the_data_of_the_choices_is_found(
    old: str, new: str, make: Callable[[str], bytes], allowed: Allowed
) -> None:
    """Values, names and the views that the script fills in are read as well."""
    made = planted("html", make("html"), old, new)
    assert "a number" in reasons("html", made, allowed)


WORKBOOK = [
    ("xl/worksheets/sheet4.xml", "<v>0.24</v>", f"<v>{PLANT}</v>", "a number"),
    ("xl/worksheets/sheet4.xml", "<v>0.24</v>", "<f>1+1</f><v>0.24</v>", "holds a formula"),
    ("xl/worksheets/sheet4.xml", "<t>Headline", f"<t>{PLANT} Headline", "a number"),
    ("xl/worksheets/sheet4.xml", "</sheetData>", "</sheetData><oddHeader/>", "is no part of a"),
    ("xl/worksheets/sheet2.xml", "'Notes'!A1", f"http://example.org/{PLANT}", "outside the file"),
    ("xl/workbook.xml", 'name="Headline"', f'name="Headline {PLANT}"', "a number"),
    (
        "xl/workbook.xml",
        "<definedNames",
        f"<definedName>{PLANT}</definedName><definedNames",
        "form",
    ),
    ("xl/tables/table3.xml", 'name="Value"', f'name="Value {PLANT}"', "a number"),
    ("docProps/core.xml", "</dc:title>", f" {PLANT}</dc:title>", "a number"),
    ("docProps/core.xml", "</dc:title>", " nobody@example.org</dc:title>", "e-mail address"),
    ("xl/styles.xml", "<fonts", f"{PLANT}<fonts", "only structure"),
    ("_rels/.rels", "<Relationship ", '<Relationship TargetMode="External" ', "outside the file"),
    (
        "xl/workbook.xml",
        'state="visible"',
        'state="hidden"',
        "is hidden",
    ),
    ("xl/worksheets/sheet4.xml", "</sheetData>", f"</sheetData><!-- {PLANT} -->", "be read"),
    ("xl/worksheets/sheet4.xml", "<t>Headline", "<t>Twenty-four people, Headline", "a number"),
    ("xl/worksheets/sheet4.xml", "</sheetData>", f"</sheetData>{PLANT}", "a number"),
    ("xl/worksheets/sheet4.xml", "<sheetData>", f"<sheetData>{PLANT}", "a number"),
    ("xl/worksheets/sheet4.xml", 't="inlineStr"', 't="s"', "neither a number nor a text"),
    ("xl/worksheets/sheet2.xml", "location=", f'tooltip="{PLANT}" location=', "hyperlink: a num"),
    ("xl/worksheets/sheet2.xml", "location=", f'display="{PLANT}" location=', "hyperlink: a num"),
    ("xl/tables/table3.xml", "<tableColumns", f"{PLANT}<tableColumns", "a number"),
]


@pytest.mark.parametrize(("part", "old", "new", "reason"), WORKBOOK)
def test_what_is_planted_in_a_workbook_is_found(
    part: str, old: str, new: str, reason: str, make: Callable[[str], bytes], allowed: Allowed
) -> None:
    """Cells, names of sheets, tables and columns, links and properties are read."""
    made = planted("xlsx", make("xlsx"), old, new, part)
    assert reason in reasons("xlsx", made, allowed)


DOCUMENT = [
    ("word/document.xml", "The answer</w:t>", f"The answer {PLANT}</w:t>", "a number"),
    (
        "word/document.xml",
        "The answer</w:t>",
        "The answer 8.2</w:t></w:r><w:r><w:t>7153</w:t>",
        "a number",
    ),
    ("word/document.xml", 'descr="', f'descr="{PLANT} ', "docPr descr: a number"),
    ("word/document.xml", '<w:tblCaption w:val="', f'<w:tblCaption w:val="{PLANT} ', "tblCaption"),
    (
        "word/document.xml",
        "<w:t>The answer",
        "<w:instrText>DDEAUTO</w:instrText><w:t>The answer",
        "is no plain part",
    ),
    ("word/footer1.xml", "<w:t>", f"<w:t>{PLANT} ", "footer1.xml p: a number"),
    ("word/header1.xml", "<w:t>", f"<w:t>{PLANT} ", "header1.xml p: a number"),
    ("docProps/core.xml", "<dc:title>", f"<dc:title>{PLANT} ", "a number"),
    ("word/settings.xml", "<w:zoom", f"{PLANT}<w:zoom", "only structure"),
    (
        "word/document.xml",
        "<w:t>The answer",
        f'<w:sdt><w:alias w:val="{PLANT}"/></w:sdt><w:t>The answer',
        "alias: is no plain part",
    ),
    ("word/document.xml", "<w:r>", "<w:r><w:rPr><w:vanish/></w:rPr>", "vanish: is no plain part"),
    ("word/document.xml", "<w:r>", f'<w:r w:rsidR="{PLANT}">', "r rsidR: is no plain setting"),
    ("word/document.xml", "</w:body>", f"<!-- {PLANT} --></w:body>", "be read"),
    ("word/document.xml", "<w:t>The answer", "<w:t>Twenty-four people, The answer", "a number"),
    ("word/document.xml", "</w:p>", f"</w:p>{PLANT}", "a number"),
    ("word/document.xml", "<w:body>", f"<w:body>{PLANT}", "a number"),
    (
        "word/_rels/document.xml.rels",
        "<Relationship ",
        '<Relationship TargetMode="External" ',
        "outside the file",
    ),
]


@pytest.mark.parametrize(("part", "old", "new", "reason"), DOCUMENT)
def test_what_is_planted_in_a_document_is_found(
    part: str, old: str, new: str, reason: str, make: Callable[[str], bytes], allowed: Allowed
) -> None:
    """Paragraphs, over runs too, alternative texts, titles, heads, feet and fields are read."""
    made = planted("docx", make("docx"), old, new, part)
    assert reason in reasons("docx", made, allowed)


WORDS = "the curtain stayed open while she washed me and nobody asked"


@pytest.mark.parametrize("form", list(FORMATS))
def test_words_that_nobody_agreed_to_show_are_found(
    form: str, content: dict[str, Any], write: Callable[[dict[str, Any]], Path]
) -> None:
    """What the history of a release withholds is looked for in every export made of it."""
    content["finding"]["answer"] += f" One person wrote: {WORDS}."
    home = write(content)
    study = open_released(home, STUDY)
    made = FORMATS[form].make(study)
    assert reasons(form, made, allow(study)) == ""
    keep_withheld(home, STUDY, Withheld(frozenset(word_runs(WORDS))))
    found = reasons(form, made, allow(study))
    assert NOT_AGREED in found and "curtain" not in found


@pytest.mark.parametrize("form", ["xlsx", "docx"])
def test_a_part_that_no_such_file_has_is_found(
    form: str, make: Callable[[str], bytes], allowed: Allowed
) -> None:
    """Comments, macros and foreign pictures are on no list."""
    parts = read_parts(make(form))
    made = pack_parts({**parts, "xl/comments1.xml": b"<c/>", "word/media/image9.png": b"x"})
    found = reasons(form, made, allowed)
    assert "xl/comments1.xml: is no part of such a file" in found
    assert "word/media/image9.png: is no" in found


@pytest.mark.parametrize("form", ["xlsx", "docx"])
def test_what_stands_beside_the_parts_of_a_file_is_found(
    form: str, make: Callable[[str], bytes], allowed: Allowed
) -> None:
    """A note on the packed file, a note on a part, and bytes before or after it are found."""
    made = make(form)
    noted = io.BytesIO(made)
    with zipfile.ZipFile(noted, "a") as packed:
        packed.comment = PLANT.encode()
    for spoilt in (noted.getvalue(), made + PLANT.encode(), PLANT.encode() + made):
        assert "holds more than its parts" in reasons(form, spoilt, allowed)


@pytest.mark.parametrize("form", ["xlsx", "docx"])
@pytest.mark.parametrize(
    ("part", "old", "new", "reason"),
    [
        ("docProps/core.xml", "1980-01-01", "2026-03-01", "is not the one fixed date"),
        ("docProps/app.xml", "evalkit<", f"evalkit {PLANT}<", "a number"),
    ],
)
def test_properties_that_packing_would_put_right_are_found(
    form: str,
    part: str,
    old: str,
    new: str,
    reason: str,
    make: Callable[[str], bytes],
    allowed: Allowed,
) -> None:
    """A date or a program changed by hand is told, and that the file is not as it was packed."""
    parts = read_parts(make(form))
    assert old.encode() in parts[part]
    parts[part] = parts[part].replace(old.encode(), new.encode())
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    found = reasons(form, target.getvalue(), allowed)
    assert reason in found and "holds more than its parts" in found


@pytest.mark.parametrize("form", ["xlsx", "docx"])
def test_what_cannot_be_read_is_found(
    form: str, make: Callable[[str], bytes], allowed: Allowed
) -> None:
    """A file that is not packed, and a part that is no XML, are refused unread."""
    assert reasons(form, b"PK nothing", allowed) == "file: is not a file that can be read"
    made = pack_parts({**read_parts(make(form)), "docProps/core.xml": b"<a>"})
    assert "docProps/core.xml: is not a part that can be read" in reasons(form, made, allowed)


def test_a_picture_put_in_the_place_of_another_is_found(
    make: Callable[[str], bytes], allowed: Allowed
) -> None:
    """A picture is known by its bytes, and not by its name."""
    made = pack_parts({**read_parts(make("docx")), "word/media/image1.png": b"x"})
    assert "word/media/image1.png: is no released picture" in reasons("docx", made, allowed)


def test_a_file_without_the_word_synthetic_is_found(
    make: Callable[[str], bytes], allowed: Allowed
) -> None:
    """Each format of made-up data must say so."""
    for form in ("html", "summary"):
        made = make(form).replace(b"Synthetic", b"Real")
        assert "does not say that its data are synthetic" in reasons(form, made, allowed)
    for form in ("xlsx", "docx"):
        parts = read_parts(make(form))
        made = pack_parts({n: p.replace(b"Synthetic", b"Real") for n, p in parts.items()})
        assert "does not say that its data are synthetic" in reasons(form, made, allowed)


def test_files_are_put_in_place_whole_and_alone(home: Path, tmp_path: Path) -> None:
    """The four files are written, again with the same bytes, and nothing is left beside them."""
    out = tmp_path / "out"
    first = {p.name: p.read_bytes() for p in export_study(home, STUDY, list(FORMATS), out)}
    assert sorted(first) == [
        f"{STUDY}{end}" for end in (".docx", ".html", ".xlsx", "_summary.html")
    ]
    assert sorted(p.name for p in out.iterdir()) == sorted(first)
    again = {p.name: p.read_bytes() for p in export_study(home, STUDY, list(FORMATS), out)}
    assert again == first


def test_a_study_that_is_not_released_is_refused(home: Path, tmp_path: Path) -> None:
    """A name that leads elsewhere is no study, and no folder is made."""
    with pytest.raises(DataError, match="no released study"):
        export_study(home, "../staff_wellbeing", ["html"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_refused_export_changes_nothing(
    content: dict[str, Any], write: Callable[[dict[str, Any]], Path], tmp_path: Path
) -> None:
    """An identifier that was released by mistake stops every format; the message holds no value."""
    out = tmp_path / "out"
    export_study(write(content), STUDY, ["html"], out)
    before = (out / f"{STUDY}.html").read_bytes()
    content["finding"]["meaning"] = ["Ask nobody@example.org."]
    with pytest.raises(DisclosureError, match="e-mail address") as fault:
        export_study(write(content), STUDY, ["summary", "html"], out)
    assert "nobody" not in str(fault.value)
    assert [p.name for p in out.iterdir()] == [f"{STUDY}.html"]
    assert (out / f"{STUDY}.html").read_bytes() == before
