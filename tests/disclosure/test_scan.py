"""The scan finds an unreleased value wherever it is planted, and says where without saying it."""

import json
import struct
import zlib
from pathlib import Path

import pytest

from evalkit.disclosure.identifiers import identifiers
from evalkit.disclosure.numerals import Known, numbers_in, unknown_numerals
from evalkit.disclosure.profiles import load_profiles
from evalkit.disclosure.scan import Expected, Leak, scan_folder

# In no table, protocol or label of the made run.
PLANT = "8.27153"

Folder = tuple[Path, Expected]


def one_leak(release: Folder, file: str) -> Leak:
    """Scan, and return the one thing found; it is in `file` and does not hold the value."""
    leaks = scan_folder(*release)
    assert [leak.file for leak in leaks] == [file], leaks
    assert PLANT not in str(leaks)
    return leaks[0]


def edit(release: Folder, file: str, old: str, new: str) -> None:
    """Replace a text in a file, which must be there."""
    path = release[0] / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_a_release_as_written_is_clean(release: Folder) -> None:
    """Nothing is found in what release itself writes."""
    assert scan_folder(*release) == []


@pytest.mark.parametrize("cell", [PLANT, "24", "[c]"])
def test_a_changed_csv_cell_is_found(release: Folder, cell: str) -> None:
    """A cell that is not the protected one is found: another number, or a hidden one shown."""
    old = "60" if cell != "24" else "[c]"
    edit(release, "tables/who.csv", old, cell)
    assert "column respondents" in one_leak(release, "tables/who.csv").place


def test_a_formula_in_a_csv_cell_is_found(release: Folder) -> None:
    """A text that a spreadsheet would run is found."""
    edit(release, "tables/who.csv", "north", "=1+1")
    assert {leak.reason for leak in scan_folder(*release)} >= {
        "starts as a spreadsheet formula does"
    }


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('"answer": "Higher', f'"answer": "{PLANT} higher', "finding.answer"),
        ('"answer": "Higher', '"answer": "Of the 24 in the south, higher', "finding.answer"),
        ("0.41 in later", f"{PLANT} in later", "checks.finding"),
        ("Respondents by group.", f"Respondents by group, {PLANT}.", "table who"),
        ('"label": "Respondents"', '"label": "Respondents (24)"', "table who"),
        ('"population": "', f'"population": "{PLANT} ', "population"),
        ('"alt": "', f'"alt": "{PLANT} ', "figure estimates"),
        ("How care felt", f"{PLANT} How care felt", "not_measured"),
        ('"pandas": "3.1.1"', '"pandas": "of 24 people"', "versions"),
        ('"stamp": ', f'"hidden": {PLANT}, "stamp": ', "bundle"),
        ('"first": 6.25', f'"first": {PLANT}', "changes_since_first.first"),
        ('"stamp_reason": "the run', f'"stamp_reason": "{PLANT}, the run', "stamp_reason"),
        ('"method": "within"', f'"method": "{PLANT} within"', "primary.method"),
        ('"registered_on": "2026-02-03"', '"registered_on": "24 people"', "registered_on"),
        ('"registrations": 2', f'"registrations": {PLANT}', "registrations"),
        ('"rows": 240', '"rows": 240.5', "sources"),
        ("evalkit-bundle/1", "evalkit-bundle/24", "schema"),
    ],
)
def test_a_number_planted_in_the_bundle_is_found(
    release: Folder, old: str, new: str, place: str
) -> None:
    """Sentences, labels, words beside figures, keys and versions: each place is looked at."""
    edit(release, "bundle.json", old, new)
    assert one_leak(release, "bundle.json").place == place


def test_a_changed_cell_of_the_bundle_is_found(release: Folder) -> None:
    """The rows of the bundle are compared with the protected table."""
    path = release[0] / "bundle.json"
    bundle = json.loads(path.read_text("utf-8"))
    bundle["tables"]["who"]["rows"][0][1] = 7
    path.write_text(json.dumps(bundle), "utf-8")
    assert one_leak(release, "bundle.json").place == "table who"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("<defs>", f"<text>{PLANT}</text><defs>", "no released table"),
        ("<defs>", f"<!-- {PLANT} --><defs>", "no released table"),
        ("<defs>", f"<metadata>{PLANT}</metadata><defs>", "no part of a drawing"),
        ("<defs>", f'<g data-n="{PLANT}"/><defs>', "no released table"),
        ("<desc id", f"<desc>{PLANT}</desc><desc id", "no released table"),
        ("<defs>", "<script>alert()</script><defs>", "no part of a drawing"),
        ("<defs>", '<g onclick="f()"/><defs>', "is a script"),
        ("<defs>", '<use xlink:href="other.svg#x"/><defs>', "outside the file"),
        ("<defs>", '<g style="fill: url(other.svg)"/><defs>', "outside the file"),
        ("<svg ", "<!DOCTYPE svg>\n<svg ", "outside the file"),
        ("<defs>", f"<?note {PLANT}?><defs>", "no released table"),
        ("<defs>", f"<!-- seen -->{PLANT}<defs>", "no released table"),
        ("<defs>", f"<g/>{PLANT}<defs>", "no released table"),
        ("<defs>", '<style>@import "other.css";</style><defs>', "outside the file"),
        ("<defs>", f'<g id="n{PLANT}"/><defs>', "is no plain name"),
        ("<defs>", f'<g class="n {PLANT}"/><defs>', "is no plain name"),
        ("<defs>", '<g clip-path="javascript:f()"/><defs>', "outside the file"),
        ('<g id="xtick_1">', f'<g id="xtick_1"><text>{PLANT} people</text>', "no released table"),
        ('<g id="xtick_1">', f'<g id="xtick_1"><desc>{PLANT}</desc>', "no released table"),
        ("</svg>", "", "that can be read"),
    ],
)
def test_what_is_planted_in_an_svg_is_found(
    release: Folder, old: str, new: str, reason: str
) -> None:
    """Texts, comments, metadata, attributes, scripts and references of a picture are read."""
    edit(release, "figures/estimates.svg", old, new)
    found = [leak for leak in scan_folder(*release) if reason in leak.reason]
    assert [leak.file for leak in found] == ["figures/estimates.svg"]
    assert PLANT not in str(found)


def test_an_svg_without_the_word_synthetic_is_found(release: Folder) -> None:
    """A picture of made-up data must say so."""
    path = release[0] / "figures" / "estimates.svg"
    path.write_text(path.read_text("utf-8").replace("Synthetic", "Real"), "utf-8")
    assert "synthetic" in one_leak(release, "figures/estimates.svg").reason


@pytest.mark.parametrize("kind", ["tEXt", "zTXt", "iTXt"])
def test_a_text_in_a_png_is_found(release: Folder, kind: str) -> None:
    """Text in a picture is read, packed or not."""
    words = PLANT.encode()
    data = {
        "tEXt": b"Comment\0" + words,
        "zTXt": b"Comment\0\0" + zlib.compress(words),
        "iTXt": b"Comment\0\1\0\0\0" + zlib.compress(words),
    }[kind]
    plant_part(release, kind, data)
    assert "no released table" in one_leak(release, "figures/estimates.png").reason


@pytest.mark.parametrize("data", [PLANT.encode() + b"\0words", b"Comment\0\0broken"])
def test_the_name_of_a_text_in_a_png_and_a_broken_one_are_found(
    release: Folder, data: bytes
) -> None:
    """What cannot be unpacked is not taken for nothing."""
    plant_part(release, "tEXt" if data[0] != ord("C") else "zTXt", data)
    assert "no released table" in one_leak(release, "figures/estimates.png").reason


@pytest.mark.parametrize("content", [b"GIF89a", b"", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_whole_png_is_found(release: Folder, content: bytes) -> None:
    """Another kind of picture under its name, and one that is cut off."""
    (release[0] / "figures" / "estimates.png").write_bytes(content)
    reason = one_leak(release, "figures/estimates.png").reason
    assert "that can be read" in reason or "cut off" in reason


def test_an_unknown_part_and_data_after_a_png_are_found(release: Folder) -> None:
    """What is no picture in a picture file is found, though it cannot be read."""
    plant_part(release, "eXIf", b"anything")
    assert "no part of a picture" in one_leak(release, "figures/estimates.png").reason
    path = release[0] / "figures" / "estimates.png"
    path.write_bytes(path.read_bytes() + b"24")
    assert any("after its end" in leak.reason for leak in scan_folder(*release))


@pytest.mark.parametrize("name", ["notes.html", "tables/who.xlsx", "tables/who.parquet"])
def test_a_file_of_another_kind_is_found(release: Folder, name: str) -> None:
    """Only the kinds of file that the profile allows may be there."""
    (release[0] / name).write_text(PLANT, "utf-8")
    assert "kind that may not be released" in one_leak(release, name).reason


def test_a_number_in_a_text_file_is_found(release: Folder) -> None:
    """A text file may hold released numbers and no others."""
    (release[0] / "notes.txt").write_text("60 people in the east", "utf-8")
    assert scan_folder(*release) == []
    (release[0] / "notes.txt").write_text(f"{PLANT} people in the east", "utf-8")
    assert "no released table" in one_leak(release, "notes.txt").reason


@pytest.mark.parametrize("name", ["tables/extra.csv", "figures/extra.svg", "extra.json"])
def test_a_file_that_is_no_part_of_the_release_is_found(release: Folder, name: str) -> None:
    """A file of a known kind that nothing stands behind is found."""
    (release[0] / name).write_text("{}" if name.endswith("json") else "<svg/>", "utf-8")
    assert "of this release" in one_leak(release, name).reason.replace("a release", "this release")


@pytest.mark.parametrize(
    "name",
    ["rows.parquet", "rows.xlsx", "note.docx", "page.html", "page.pdf", "rows.zip", "rows.csv.gz"],
)
def test_a_file_of_a_kind_that_is_not_read_is_found(release: Folder, name: str) -> None:
    """Parquet, office files, pages, PDF and packed files are not released, whatever they hold."""
    (release[0] / "tables" / name).write_bytes(PLANT.encode())
    assert "of a kind that may not be released" in one_leak(release, f"tables/{name}").reason


@pytest.mark.parametrize("text", [f"Seen {PLANT}.", "Twenty-four people.", "nobody@example.org"])
def test_what_is_planted_in_a_text_file_is_found(release: Folder, text: str) -> None:
    """A text file may hold only released numbers, and nobody's identifier."""
    (release[0] / "note.txt").write_text(text, "utf-8")
    assert one_leak(release, "note.txt").place == "text"


def test_an_nhs_number_in_a_text_file_is_found_as_both_that_it_is(release: Folder) -> None:
    """It is somebody's identifier, and a number that nobody released: each is told, once."""
    (release[0] / "note.txt").write_text("943 476 5919", "utf-8")
    leaks = scan_folder(*release)
    assert {(leak.file, leak.place) for leak in leaks} == {("note.txt", "text")}
    assert sorted("NHS number" in leak.reason for leak in leaks) == [False, True]
    assert any("no released table" in leak.reason for leak in leaks)


def test_a_number_split_over_parts_of_a_text_of_a_picture_is_found(release: Folder) -> None:
    """Two released numbers that stand side by side in one text are read as one."""
    spans = "<text>9<tspan>1</tspan><tspan>7</tspan></text>"
    edit(release, "figures/estimates.svg", "<defs>", f"{spans}<defs>")
    assert any("no released table" in leak.reason for leak in scan_folder(*release))


def plant_part(release: Folder, kind: str, data: bytes) -> None:
    """Put a part into the PNG before its end."""
    path = release[0] / "figures" / "estimates.png"
    content = path.read_bytes()
    body = kind.encode() + data
    part = struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
    path.write_bytes(content[:-12] + part + content[-12:])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("patient 943 476 5919", "NHS number"),
        ("write to a.person@example.org", "e-mail address"),
        ("ring 020 7946 0958", "telephone number"),
        ("ring +44 7700 900123", "telephone number"),
        ("lives at SW1A 1AA", "postcode"),
        ("９４３ ４７６ ５９１９", "NHS number"),
        ("943\u2013476\u20135919", "NHS number"),
        ("943.476.5919", "NHS number"),
        ("943/476/5919", "NHS number"),
        ("943\u200b4765919", "NHS number"),
        ("a.person\uff20example.org", "e-mail address"),
    ],
)
def test_identifiers_are_found(text: str, kind: str) -> None:
    """An NHS number with its check digit, addresses, telephone numbers and postcodes."""
    assert kind in identifiers(text)


@pytest.mark.parametrize("text", ["943 476 5918", "RJ1 in Q1 2021", "2021-2024", "T01 to T12"])
def test_other_codes_are_no_identifiers(text: str) -> None:
    """A number with a wrong check digit, trust codes and periods are not taken for a person's."""
    assert identifiers(text) == {}


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("0.05 points", 0),
        ("0.052 points", 0),
        ("0.0521 points", 1),
        ("a 95% interval", 0),
        ("1,234 people", 0),
        ("1234 people", 0),
        ("7 trusts", 1),
        ("7th of them", 1),
        ("5 points", 1),
        ("Q46 and T01", 0),
        ("-0.05 points", 0),
        ("n=7", 1),
        ("from 2021-2022", 0),
        ("42% of it", 0),
        ("43% of it", 1),
        ("seven patients", 1),
        ("Twenty-four older people", 1),
        ("one thousand two hundred and thirty-four answers", 0),
        ("one hundred and five staff", 1),
        ("two people or more", 0),
        ("one quarter after seven moments", 0),
        ("8\u2009271 people", 1),
        ("1\u2009234 people", 0),
        ("1\u202f234 people", 0),
        ("８．２７", 1),
        ("５．３", 0),
        ("8\u200b.27", 1),
        ("5\u00ad.3", 0),
        (".27153", 1),
        (".052", 0),
        ("south.24", 1),
        ("people24", 1),
        ("8.27153e0", 1),
        ("5.2e-2", 0),
        ("9.9e-2", 1),
        ("827e-2", 1),
        ("m\u00b2", 0),
        ("\u2467 of it", 1),
        ("Python 3.11.2", 1),
    ],
)
def test_a_number_stands_only_if_it_is_released(text: str, unknown: int) -> None:
    """Released 0.052, 5.3, 0.4213 and 1234; protocol 0.95, 2021 and 2022; no other passes."""
    rounded = {(0.052, 3), (5.3, 1), (0.4213, 4), (1234.0, 0)}
    known = Known(rounded=frozenset(rounded)) | numbers_in(["0.95", "2021 to 2022"])
    assert unknown_numerals(text, known) == unknown


def test_a_large_file_is_found(release: Folder) -> None:
    """Where a profile limits the size of files, the limit holds."""
    most = load_profiles()["opensafely"].most_bytes
    assert most == 16_000_000
    folder, expected = release
    limited = Expected(
        expected.tables, expected.figures, expected.parameters, True, expected.file_types, 100
    )
    assert any("larger than 100 bytes" in leak.reason for leak in scan_folder(folder, limited))
