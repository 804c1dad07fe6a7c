"""The page without a server says what the served page says, and can do nothing else."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evalkit.errors import DisclosureError, ResourceError
from evalkit.exports.export import export_study
from evalkit.exports.page import FOOTER, make_page
from evalkit.exports.released import ReleasedStudy, open_released
from evalkit.exports.tree import Node, parse_page, text_of
from evalkit.reports.bundle import RELEASED_VARIABLE, read_bundle
from evalkit.reports.choose import write_choose
from evalkit.reports.detail import write_detail
from evalkit.reports.explore import write_organisation
from evalkit.reports.links import View
from evalkit.reports.summary import write_summary

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "src/evalkit/reports/template/voila/templates/evalkit/index.html.j2"
RELEASED = ROOT / "reports" / "released"
NUMBER = re.compile(r"\d[\d,.]*")


def told(tree: Node) -> str:
    """Return what the content of a page says, without the fields to choose from."""
    content = tree.find(lambda node: node.attributes.get("id") == "content") or tree
    for node in content.below():
        node.children = [
            child
            for child in node.children
            if isinstance(child, str)
            or not (
                child.tag == "noscript"
                or child.attributes.get("id") in ("choices", "choosing")
                or child.has_class("served-only")
            )
        ]
    return text_of(content)


def served(home: Path, study: str) -> str:
    """Return what the served page says: its three calls, as its notebook makes them."""
    bundle = read_bundle(home, study)
    own = ""
    if "organisations" in bundle.tables:
        own = write_organisation(bundle, View(study, "Overall patient experience"))
    choose = write_choose(bundle, View(study))
    return told(parse_page(write_summary(bundle, []) + choose + own + write_detail(bundle)))


def test_words_and_numbers_are_those_of_the_served_page(
    released: ReleasedStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Text and numbers of both pages are equal, one after the other."""
    monkeypatch.setenv(RELEASED_VARIABLE, str(released.home))
    static = told(parse_page(make_page(released).decode()))
    wanted = served(released.home, released.bundle.study)
    assert static == wanted
    assert len(NUMBER.findall(static)) > 100


@pytest.mark.parametrize("study", ["difference_in_differences", "plan_a_study"])
def test_a_real_release_says_the_same(study: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same holds of studies released here, with their own pictures inside."""
    if not (RELEASED / study / "bundle.json").is_file():
        pytest.skip(f"{study} is not released here; make study STUDY={study}")
    monkeypatch.setenv(RELEASED_VARIABLE, str(RELEASED))
    content = make_page(open_released(RELEASED, study)).decode()
    assert told(parse_page(content)) == served(RELEASED, study)


def test_the_foot_is_that_of_the_served_page() -> None:
    """Both pages end with one sentence."""
    assert FOOTER in " ".join(TEMPLATE.read_text("utf-8").split())


def test_policy_lets_its_own_parts_run_alone(released: ReleasedStudy) -> None:
    """The policy names one script and one style by hash, and allows no request."""
    tree = parse_page(make_page(released).decode())
    policies = [n for n in tree.named("meta") if "http-equiv" in n.attributes]
    policy = policies[0].attributes["content"]
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "http" not in policy


def test_it_asks_for_nothing(released: ReleasedStudy) -> None:
    """No reference leads out of the file: to itself, or to a picture inside it."""
    tree = parse_page(make_page(released).decode())
    references = [n.attributes.get(k, "") for n in tree.below() for k in ("href", "src", "action")]
    assert all(re.match(r"$|#|\?|data:", reference) for reference in references)


def test_nothing_of_the_script_is_in_a_page_without_choices(
    content: dict[str, Any], write: Callable[[dict[str, Any]], Path]
) -> None:
    """A study whose tables have nothing to choose among has no script at all."""
    kept = content["tables"]["headline"]
    content["tables"] = {"headline": kept}
    made = make_page(open_released(write(content), content["study"])).decode()
    assert "<script" not in made
    assert "script-src 'none'" in made


def test_a_page_too_large_to_send_is_refused(released: ReleasedStudy) -> None:
    """The message names both sizes and what else to do."""
    with pytest.raises(ResourceError, match="1000 is the most"):
        make_page(released, most_bytes=1000)


def test_a_changed_bundle_is_not_exported(home: Path) -> None:
    """A file that differs from its release is named, and nothing is made of it."""
    path = home / "staff_wellbeing" / "bundle.json"
    path.write_text(path.read_text("utf-8").replace("0.24", "0.25"), "utf-8")
    with pytest.raises(DisclosureError, match=r"1 released files .*\(bundle\.json\)"):
        open_released(home, "staff_wellbeing")


def test_a_picture_out_of_its_folder_is_not_read(
    content: dict[str, Any], write: Callable[[dict[str, Any]], Path]
) -> None:
    """A bundle cannot name a file elsewhere."""
    content["figures"]["facets"]["png"] = "../../secret.png"
    home = write(content)
    (home.parent / "secret.png").write_bytes(b"x")
    with pytest.raises(DisclosureError, match="not as they were released"):
        open_released(home, content["study"])


def test_a_second_version_is_exported_too(home: Path, tmp_path: Path) -> None:
    """The page of a later version says so, and asks no server what changed."""
    study = "staff_wellbeing"
    paper = home / study / "release.json"
    paper.write_text(json.dumps(json.loads(paper.read_text("utf-8")) | {"version": 2}), "utf-8")
    gone = home.parent / "versions" / "000001" / study / "withdrawn.json"
    gone.parent.mkdir(parents=True)
    gone.write_text("{}", "utf-8")
    (path,) = export_study(home, study, ["html"], tmp_path / "out")
    page = path.read_text("utf-8")
    assert "This is version 2 of this report." in page
    assert not re.search(r"<form[^>]*action=", page)
