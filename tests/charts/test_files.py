"""Figures as files: the same bytes each time, with their words inside."""

import os
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest
from PIL import Image

from evalkit.charts import CHARTS, draw, render_figure, save_figure
from evalkit.errors import DisclosureError

Case = tuple[pd.DataFrame, dict[str, Any]]
SVG = "{http://www.w3.org/2000/svg}"
ALT = "Estimates, told in words & signs: 0.21 < 0.24."
_ELSEWHERE = """
import sys, pandas as pd
from hashlib import sha256
from pathlib import Path
from evalkit.charts import CHARTS, draw, save_figure
for name in CHARTS:
    frame = pd.read_pickle(Path(sys.argv[1]) / f"{name}.pickle")
    options = frame.attrs["options"]
    figure = draw(CHARTS[name], frame, title="Headline", synthetic=True, options=options)
    for path in save_figure(figure, Path(sys.argv[1]), name, alt="Words."):
        print(path.name, sha256(path.read_bytes()).hexdigest())
"""


def _written(cases: dict[str, Case], folder: Path) -> dict[str, str]:
    hashes = {}
    for name, (frame, options) in cases.items():
        figure = draw(CHARTS[name], frame, title="Headline", synthetic=True, options=options)
        for path in save_figure(figure, folder, name, alt="Words."):
            hashes[path.name] = sha256(path.read_bytes()).hexdigest()
    return hashes


def test_every_figure_is_the_same_bytes_again(cases: dict[str, Case], tmp_path: Path) -> None:
    """Drawing and saving twice gives the same SVG and PNG, byte by byte."""
    first = _written(cases, tmp_path)
    assert len(first) == 2 * len(CHARTS)
    assert _written(cases, tmp_path) == first


def test_bytes_do_not_hang_on_time_zone_or_hash_seed(
    cases: dict[str, Case], tmp_path: Path
) -> None:
    """Another process with another time zone, date and hash seed writes the same bytes."""
    for name, (frame, options) in cases.items():
        frame.attrs["options"] = options
        frame.to_pickle(tmp_path / f"{name}.pickle")
    elsewhere = os.environ | {
        "TZ": "Pacific/Auckland",
        "PYTHONHASHSEED": "4711",
        "SOURCE_DATE_EPOCH": "1",
    }
    told = subprocess.run(
        [sys.executable, "-c", _ELSEWHERE, str(tmp_path)],
        env=elsewhere,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert dict(line.split() for line in told.splitlines()) == _written(cases, tmp_path)


def test_svg_tells_its_title_and_words_to_assistive_technology(cases: dict[str, Case]) -> None:
    """The root is an image labelled by the title and description that come first in it."""
    frame, options = cases["estimates"]
    figure = draw(CHARTS["estimates"], frame, title="A & B", options=options)
    svg = render_figure(figure, "estimates", alt=ALT)["svg"]
    root = ElementTree.fromstring(svg)  # noqa: S314
    title, description = list(root)[:2]
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert (title.tag, title.text) == (f"{SVG}title", "A & B")
    assert (description.tag, description.text) == (f"{SVG}desc", ALT)


def test_svg_text_stays_text_in_fonts_that_readers_have(cases: dict[str, Case]) -> None:
    """Words are text, not outlines, and name a stack of fonts from Arial to sans-serif."""
    frame, options = cases["estimates"]
    figure = draw(CHARTS["estimates"], frame, title="Headline", options=options)
    svg = render_figure(figure, "estimates", alt=ALT)["svg"].decode()
    texts = re.findall(r"<text [^>]*>", svg)
    assert ">Headline</text>" in svg
    assert texts
    assert all("font-family: 'Arial', " in text and "sans-serif" in text for text in texts)


def test_neither_file_says_when_or_with_what_it_was_made(cases: dict[str, Case]) -> None:
    """No date, program, document type or address stands in the files."""
    frame, options = cases["estimates"]
    figure = draw(CHARTS["estimates"], frame, title="Headline", options=options)
    files = render_figure(figure, "estimates", alt=ALT)
    svg = files["svg"].decode()
    for word in ("<!DOCTYPE", "<metadata", "dc:date", "Matplotlib", "matplotlib.org"):
        assert word not in svg
    assert set(re.findall(r"https?://[^\"' ]+", svg)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert b"Software" not in files["png"]


def test_png_carries_its_words(cases: dict[str, Case], tmp_path: Path) -> None:
    """The PNG's text parts are its title and its alternative text, and no others."""
    frame, options = cases["timing"]
    figure = draw(CHARTS["timing"], frame, title="Which first?", synthetic=True, options=options)
    _, path = save_figure(figure, tmp_path, "timing", alt=ALT)
    with Image.open(path) as picture:
        assert picture.text == {"Title": "Synthetic data: Which first?", "Description": ALT}


@pytest.mark.parametrize("alt", ["", "  \n"])
def test_a_figure_without_words_is_refused(
    cases: dict[str, Case], tmp_path: Path, alt: str
) -> None:
    """Empty alternative text is refused, and nothing is written."""
    frame, options = cases["trend"]
    figure = draw(CHARTS["trend"], frame, title="Headline", options=options)
    with pytest.raises(DisclosureError, match="figure trend: it has no alternative text"):
        save_figure(figure, tmp_path, "trend", alt=alt)
    assert list(tmp_path.iterdir()) == []


def test_labels_cannot_become_markup(cases: dict[str, Case]) -> None:
    """A label that looks like a script, or like a formula, is drawn as it is written."""
    frame, options = cases["facets"]
    frame = frame.assign(label=["<script>x</script>", "=1+1 $a^2$"])
    figure = draw(CHARTS["facets"], frame, title="<b>T</b>", options=options)
    alt = CHARTS["facets"].describe(frame, **options)
    svg = render_figure(figure, "facets", alt=alt)["svg"]
    root = ElementTree.fromstring(svg)  # noqa: S314
    assert not [element for element in root.iter() if element.tag.endswith(("script", "}b"))]
    written = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    assert {"<script>x</script>", "=1+1 $a^2$", "<b>T</b>"} <= set(written)


@pytest.mark.parametrize("letter", ["＝", "漢", "\N{GRINNING FACE}"])
def test_a_letter_without_a_font_is_text_and_no_warning_repeats_it(letter: str) -> None:
    """A name with a letter that no font here has is drawn without a warning, and is in the SVG."""
    frame = pd.DataFrame(
        {"dimension": "Group", "group": [f"{letter}SUM(1)", "b"], "level": 0.95}
        | {name: [0.1, 0.2] for name in ("difference", "difference_low", "difference_high")}
    )
    chart = CHARTS["group_differences"]
    files = render_figure(draw(chart, frame, title=f"By {letter}"), "made", alt=ALT)
    assert f"{letter}SUM(1)" in files["svg"].decode()
    assert chart.describe(frame).count(letter)
