"""Words of a person who did not agree, or took it back, are found in every file of a release."""

import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from evalkit.disclosure.consent import NOT_AGREED
from evalkit.disclosure.scan import Expected, scan_folder
from evalkit.record.withheld import Withheld, word_runs

WORDS = "the curtain stayed open while she washed me and nobody asked"
Folder = tuple[Path, Expected]


def places(release: Folder) -> set[tuple[str, str]]:
    """Scan for the words; return where they were found, and see that nothing says them."""
    folder, expected = release
    withheld = Withheld(frozenset(word_runs(WORDS)))
    leaks = scan_folder(folder, replace(expected, withheld=withheld))
    assert "curtain" not in str(leaks)
    return {(leak.file, leak.place) for leak in leaks if leak.reason == NOT_AGREED}


def test_a_release_without_such_words_is_clean(release: Folder) -> None:
    """Nothing is found where nobody's withheld words stand."""
    assert places(release) == set()


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        ("bundle.json", '"answer": "', f'"answer": "{WORDS} ', "finding.answer"),
        ("bundle.json", '"alt": "', f'"alt": "{WORDS.upper()}. ', "figure estimates"),
        ("bundle.json", "How care felt", f"“{WORDS}”", "not_measured"),
        ("bundle.json", "Respondents by group.", f"{WORDS}.", "table who"),
        ("figures/estimates.svg", "<defs>", f"<desc>{WORDS}</desc><defs>", "element desc"),
        ("figures/estimates.svg", "<defs>", f"<!-- {WORDS} --><defs>", "comment"),
        (
            "figures/estimates.svg",
            "<defs>",
            "<text>" + "".join(f"<tspan>{w} </tspan>" for w in WORDS.split()) + "</text><defs>",
            "element text",
        ),
    ],
)
def test_words_planted_in_a_file_are_found(
    release: Folder, file: str, old: str, new: str, place: str
) -> None:
    """Sentences, alternative texts, descriptions and pictures are read for such words."""
    path = release[0] / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    assert (file, place) in places(release)


def test_words_that_a_table_of_the_study_holds_are_found(
    make_release: Callable[..., Folder],
) -> None:
    """A notebook that stages them is refused, though table, bundle and picture agree."""
    release = make_release(label=WORDS)
    assert {file for file, _ in places(release)} == {
        "tables/estimates.csv",
        "bundle.json",
        "figures/estimates.svg",
        "figures/estimates.png",
    }


def test_words_in_the_other_files_are_found(release: Folder) -> None:
    """A text file, the parts of a PNG, the parameters and the crate are read as well."""
    folder = release[0]
    (folder / "note.txt").write_text(f"She said: {WORDS}", "utf-8")
    (folder / "provenance").mkdir()
    (folder / "provenance" / "parameters.json").write_text(
        f'{{"schema": "evalkit-parameters/1", "parameters": {{"title": "{WORDS}"}}}}', "utf-8"
    )
    (folder / "ro-crate-metadata.json").write_text(f'{{"name": "{WORDS}"}}', "utf-8")
    (folder / "release.json").write_text(f'{{"approval": {{"by": "{WORDS}"}}}}', "utf-8")
    picture = folder / "figures" / "estimates.png"
    body = b"tEXtComment\0" + WORDS.encode()
    part = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    content = picture.read_bytes()
    picture.write_bytes(content[:-12] + part + content[-12:])
    assert {file for file, _ in places(release)} == {
        "note.txt",
        "provenance/parameters.json",
        "ro-crate-metadata.json",
        "release.json",
        "figures/estimates.png",
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (WORDS, True),
        (f"It was so. {WORDS.title()} - twice", True),
        (WORDS.replace(" ", "\n, "), True),
        (WORDS.replace("curtain", "cur\u00adtain"), True),
        ("washed me and nobody asked", False),
        ("stayed open while she washed me and nobody", True),
        ("the curtain stayed shut while she washed me and somebody asked", False),
    ],
)
def test_eight_words_in_a_row_are_known_again(text: str, found: bool) -> None:
    """However they are set and spaced; fewer in a row could be anybody's."""
    assert bool(Withheld(frozenset(word_runs(WORDS))).count(text)) is found
