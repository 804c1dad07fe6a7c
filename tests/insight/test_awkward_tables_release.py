"""What people typed into logs, plans, evidence and decisions is text, or withheld, everywhere."""

import datetime
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import yaml

from evalkit.disclosure.release import release_study
from evalkit.errors import DisclosureError, EvalkitError, ParameterError
from evalkit.exports.export import FORMATS, export_study
from evalkit.exports.tree import parse_page
from evalkit.runs.run import run_study
from evalkit.study.decision_record import log_decision

ROOT = Path(__file__).resolve().parents[2]
WORLD = ROOT / "data" / "synthetic" / "linked" / "effect_relational"
AWKWARD = (
    "=cmd|' /C calc'!quagga",
    "<script>alert('quagga')</script><b>kind</b>",
    "<img src=x onerror=alert('quagga')>",
    "＝SUM(quagga)",
    "@SUM(quagga)*cmd",
    "javascript:alert('quagga')",
    "quagga \u202eדסומה\u202c",
)
AS_NAMES = tuple(text.replace("\u202e", "").replace("\u202c", "") for text in AWKWARD)
NHS_NUMBER = "943 476 5919"
PLAIN = tuple(f"plain {letter}" for letter in "abcdefghijklmnopqrstuvwxyz")
FIELDS = {
    "co_production": ("decisions", "reason"),
    "priority_programmes": ("actions", "action"),
    "insight_triangulation": ("evidence", "example"),
}
NAMES = {
    "journey": ("items", "wording"),
    "friends_and_family": ("feedback", "mode"),
    "health_inequalities": ("answers", "ethnic_group"),
    "unpaid_carers": ("carers", "ethnic_group"),
    "value_for_money": ("costs", "item"),
}
"""Words that name a question, a way of asking, a group or a cost: the same wherever it stands.

A mark that turns the line is refused in these as the data are read.
"""
TOLD = ("lived_experience_position", "professional_position", "reason")

Make = Callable[[str, tuple[str, ...]], Path]
Formulae = Callable[[Path], list[str]]


@pytest.fixture
def project(empty_project: Path) -> Path:
    """Return a project with the embedded data."""
    shutil.copytree(WORLD, empty_project / WORLD.relative_to(ROOT))
    return empty_project


@pytest.fixture
def release(project: Path, forks: str | None) -> Make:
    """Return a function that plants texts in a study's free text and releases it."""

    def make(study: str, texts: tuple[str, ...]) -> Path:
        source, field = (FIELDS | NAMES)[study]
        values = yaml.safe_load((ROOT / "parameters" / f"{study}.yml").read_text("utf-8"))
        table = pd.read_csv(ROOT / values[f"{source}_file"], dtype=str)
        if study in FIELDS:
            planted = pd.Series(list(texts) * len(table))[: len(table)]
        else:
            named = table[field].dropna().unique()
            turns = [f"{text} {turn}" for turn in range(len(named)) for text in texts]
            planted = table[field].map(dict(zip(named, turns, strict=False)))
        table.assign(**{field: planted}).to_csv(project / f"{source}.csv", index=False)
        shutil.copy(ROOT / "notebooks" / f"{study}.ipynb", project / "notebooks")
        values[f"{source}_file"] = f"{source}.csv"
        for place, name in enumerate(TOLD):
            values["co_production"][0][name] = texts[place % len(texts)]
        (project / "parameters" / "made.yml").write_text(yaml.safe_dump(values), "utf-8")
        made = run_study(project / "parameters" / "made.yml", force=True, warm=forks)
        return release_study(made.sealed.folder, approved_by="A person who looked").folder

    return make


def assert_inert(released: Path, out: Path) -> None:
    """Reopen every export and the bundle: nothing runs, calculates or turns the line."""
    study = released.name
    for path in export_study(released.parent, study, list(FORMATS), out):
        if path.suffix == ".html":
            assert_page(path.read_text("utf-8"))
        elif path.suffix == ".xlsx":
            sheets = openpyxl.load_workbook(path).worksheets
            kinds = {cell.data_type for sheet in sheets for row in sheet for cell in row}
            assert "f" not in kinds
    said = (released / "bundle.json").read_text("utf-8")
    assert "\u202e" not in said and "\\u202e" not in said


def assert_page(text: str) -> None:
    """A page holds no element, handler or link out of a payload, and no turning mark."""
    tree = parse_page(text)
    nodes = list(tree.below())
    assert not [key for node in nodes for key in node.attributes if key.startswith("on")]
    assert not [n for n in tree.named("img") if not n.attributes["src"].startswith("data:")]
    links = [str(v) for n in nodes for k, v in n.attributes.items() if k in ("href", "src")]
    assert not [link for link in links if link.strip().casefold().startswith("javascript")]
    assert "<script>alert" not in text and "<b>kind" not in text and "\u202e" not in text


def texts_below(value: Any) -> list[str]:
    """Return every text of a JSON value."""
    if isinstance(value, dict):
        return [text for held in value.values() for text in texts_below(held)]
    if isinstance(value, list):
        return [text for held in value for text in texts_below(held)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("study", [*FIELDS, *NAMES])
def test_payloads_are_text_in_the_release_and_its_exports(
    release: Make, study: str, formulae_in: Formulae, tmp_path: Path
) -> None:
    """Markup, formulae and turning marks reach the bundle as text and nothing runs in a format."""
    released = release(study, AWKWARD if study in FIELDS else AS_NAMES)
    told = texts_below(json.loads((released / "bundle.json").read_text("utf-8")))
    assert any("quagga" in text for text in told)
    assert not formulae_in(released)
    assert_inert(released, tmp_path / "exports")


@pytest.mark.parametrize("study", FIELDS)
def test_a_number_like_a_persons_is_withheld(release: Make, study: str) -> None:
    """Released without it, or not at all; the message does not repeat it."""
    try:
        released = release(study, tuple(f"{text} {NHS_NUMBER}" for text in PLAIN))
    except (DisclosureError, ParameterError) as refused:
        assert NHS_NUMBER not in str(refused) and NHS_NUMBER.replace(" ", "") not in str(refused)
        return
    for path in (path for path in released.rglob("*") if path.is_file()):
        assert NHS_NUMBER not in path.read_bytes().decode("utf-8", "replace")


def test_the_reason_of_a_decision_is_text_or_refused(
    release: Make, project: Path, formulae_in: Formulae, tmp_path: Path
) -> None:
    """Markup in why something was decided shows as text; a person's number is not logged."""
    study, today = "priority_programmes", datetime.date(2026, 1, 5)
    first = release(study, PLAIN)
    facts: dict[str, Any] = {"rule_says": None, "record_sha256": "0" * 64}
    with pytest.raises(EvalkitError) as refused:
        why = f"see {NHS_NUMBER}"
        log_decision(project, study, today, decision="adapt", by="A. Board", why=why, **facts)
    assert NHS_NUMBER not in str(refused.value)
    why = f"{AWKWARD[0]} {AWKWARD[1]} {AWKWARD[2]}"
    try:
        log_decision(project, study, today, decision="adapt", by="A. Board", why=why, **facts)
    except EvalkitError:
        assert not list((project / "parameters").rglob("*.jsonl"))
        return
    released = release(study, PLAIN)
    assert released == first
    assert "quagga" in (released / "bundle.json").read_text("utf-8")
    assert not formulae_in(released)
    assert_inert(released, tmp_path / "exports")
