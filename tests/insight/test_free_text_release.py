"""From the file to the page: a withdrawn story is nowhere, and what people wrote stays text."""

import html.parser
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml

from evalkit.disclosure.release import release_study
from evalkit.errors import DisclosureError
from evalkit.reports.bundle import read_bundle
from evalkit.reports.figures import write_figures
from evalkit.runs.run import run_study
from evalkit.synthetic.linked.labels import AWKWARD

ROOT = Path(__file__).resolve().parents[2]
WORLD = ROOT / "data" / "synthetic" / "linked" / "effect_relational"
PLANTED = "quaggawithdrawn"
NOT_FOR_ALL = "quaggainternal"
THEME = "Staff manner & personal attributes"

Release = Callable[[str, dict[str, pd.DataFrame]], Path]


class Tags(html.parser.HTMLParser):
    """Collect the tags of a page and the attributes that run something."""

    def __init__(self) -> None:
        """Start with nothing found."""
        super().__init__()
        self.tags: set[str] = set()
        self.running: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag, and each attribute that names a handler or a script."""
        self.tags.add(tag)
        self.running += [n for n, v in attrs if n.startswith("on") or "script:" in (v or "")]


@pytest.fixture
def release(empty_project: Path, forks: str | None) -> Release:
    """Return a function that runs a study on given tables, releases it, and returns its folder."""
    root = empty_project

    def make(study: str, tables: dict[str, pd.DataFrame]) -> Path:
        shutil.copy(ROOT / "notebooks" / f"{study}.ipynb", root / "notebooks")
        values = yaml.safe_load((ROOT / "parameters" / f"{study}.yml").read_text("utf-8"))
        for source, table in tables.items():
            table.to_csv(root / f"{source}.csv", index=False)
            values[f"{source}_file"] = f"{source}.csv"
        if "quote_consent" in tables.get("comments", ()):
            roles = {"quote_consent": "quote_consent", "quote_checked": "quote_checked"}
            values["comments_columns"] |= roles
        (root / "parameters" / "made.yml").write_text(yaml.safe_dump(values), "utf-8")
        outcome = run_study(root / "parameters" / "made.yml", force=True, warm=forks)
        return release_study(outcome.sealed.folder, approved_by="A person who looked").folder

    return make


def texts_of(folder: Path) -> str:
    """Return all that stands in the files of a folder, pictures among them."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return "\n".join(path.read_bytes().decode("utf-8", "replace") for path in files)


def test_a_withdrawn_story_is_in_no_file_of_the_next_release(release: Release) -> None:
    """Told, released, withdrawn: the word planted in it is then in no file, nor its run's tables.

    A story told to staff alone is in no file of a public page, before or after.
    """
    stories = pd.read_csv(WORLD / "stories.csv", dtype=str)
    public = stories.index[(stories["consent"] == "public") & (stories["withdrawn"] == "no")][0]
    internal = stories.index[(stories["consent"] == "internal") & (stories["withdrawn"] == "no")][0]
    words = ["text", "learning", "action", "owner", "theme"]
    told = stories.astype(object)
    told.loc[public, words] = [f"{PLANTED} {name}" for name in words]
    told.loc[internal, ["text", "learning", "action"]] = NOT_FOR_ALL
    first = texts_of(release("patient_stories", {"stories": told}))
    assert PLANTED in first and NOT_FOR_ALL not in first
    told.loc[public, "withdrawn"] = "yes"
    folder = release("patient_stories", {"stories": told})
    again = texts_of(folder)
    assert PLANTED not in again and NOT_FOR_ALL not in again
    runs = folder.parents[1] / "runs" / "patient_stories"
    newest = max(runs.glob("*/run.json"), key=lambda path: path.stat().st_mtime).parent
    assert PLANTED not in texts_of(newest)


SHOW_ALL = 'replace(register, readable=register.stories["story"].notna().to_numpy())'


def spoil(root: Path) -> None:
    """Let the notebook of stories show all of them, whatever their tellers agreed to."""
    path = root / "notebooks" / "patient_stories.ipynb"
    text = path.read_text("utf-8")
    call = "stories.tabulate_stories(register)"
    assert call in text
    text = text.replace(call, f"stories.tabulate_stories({json.dumps(SHOW_ALL)[1:-1]})")
    imported = "from evalkit.insight import stories"
    text = text.replace(imported, f'from dataclasses import replace\\n",\n    "{imported}')
    path.write_text(text, "utf-8")


def test_a_notebook_that_shows_words_without_consent_is_not_released(
    empty_project: Path, forks: str | None
) -> None:
    """Every file that would hold them is named, and none of the words is."""
    shutil.copy(ROOT / "notebooks" / "patient_stories.ipynb", empty_project / "notebooks")
    spoil(empty_project)
    folder = run_stories(empty_project, forks)
    with pytest.raises(DisclosureError, match="did not agree") as refused:
        release_study(folder, approved_by="A person who looked")
    message = str(refused.value)
    assert "tables/stories.csv" in message and "bundle.json" in message
    assert "quagga" not in message
    assert not (empty_project / "reports" / "released" / "patient_stories").exists()


def test_stories_that_changed_since_the_run_are_not_released(
    empty_project: Path, forks: str | None
) -> None:
    """Somebody may have withdrawn after the run: it must be run again first."""
    shutil.copy(ROOT / "notebooks" / "patient_stories.ipynb", empty_project / "notebooks")
    folder = run_stories(empty_project, forks)
    told = pd.read_csv(empty_project / "stories.csv", dtype=str)
    told.assign(withdrawn="yes").to_csv(empty_project / "stories.csv", index=False)
    with pytest.raises(DisclosureError, match="may have been withdrawn since"):
        release_study(folder, approved_by="A person who looked")
    (empty_project / "stories.csv").unlink()
    with pytest.raises(DisclosureError, match="may have been withdrawn since"):
        release_study(folder, approved_by="A person who looked")


def test_a_run_that_does_not_say_who_agreed_is_not_released(
    empty_project: Path, forks: str | None
) -> None:
    """Without the fingerprints nothing of people's words can be looked for."""
    shutil.copy(ROOT / "notebooks" / "patient_stories.ipynb", empty_project / "notebooks")
    folder = run_stories(empty_project, forks)
    (folder / "withheld.bin").unlink()
    run = json.loads((folder / "run.json").read_text("utf-8"))
    run["files"].pop("withheld.bin")
    (folder / "run.json").write_text(json.dumps(run), "utf-8")
    with pytest.raises(DisclosureError, match="does not say which of them may be shown"):
        release_study(folder, approved_by="A person who looked")


def run_stories(root: Path, forks: str | None) -> Path:
    """Run the stories, of which one is withdrawn and in words of its own; return the run."""
    told = pd.read_csv(WORLD / "stories.csv", dtype=str).astype(object)
    gone = told.index[told["withdrawn"] == "yes"][0]
    told.loc[gone, "text"] = "quagga stood by the bed all night and nobody came to her"
    told.to_csv(root / "stories.csv", index=False)
    values = yaml.safe_load((ROOT / "parameters" / "patient_stories.yml").read_text("utf-8"))
    values["stories_file"] = "stories.csv"
    (root / "parameters" / "made.yml").write_text(yaml.safe_dump(values), "utf-8")
    return run_study(root / "parameters" / "made.yml", force=True, warm=forks).sealed.folder


@pytest.mark.parametrize("study", ["patient_stories", "feedback_themes"])
def test_what_people_wrote_shows_as_text(
    release: Release, study: str, formulae_in: Callable[[Path], list[str]]
) -> None:
    """Markup, formulae, names, numbers, right to left: text in page, CSV and bundle, as written.

    The release passes its own scan; the page holds no tag of theirs and nothing that runs; no
    cell of a CSV starts a formula.
    """
    folder = release(study, make_awkward(study))
    written = write_figures(read_bundle(folder.parent, study))
    page = Tags()
    page.feed(written)
    assert not page.running and not {"script", "b"} & page.tags
    assert "&lt;script&gt;alert" in written and "شكرا لكم" in written
    assert not formulae_in(folder)
    said = texts_of(folder)
    assert "\u202e" not in said and "Sampleton" not in said and "Placeholder" not in said
    assert "=cmd|' /C calc'!A0" in json.dumps(
        json.loads((folder / "bundle.json").read_text("utf-8"))
    )


def make_awkward(study: str) -> dict[str, pd.DataFrame]:
    """Make tables whose free text is awkward and whose writers all agreed to be read."""
    if study == "patient_stories":
        stories = pd.read_csv(WORLD / "stories.csv", dtype=str)
        texts = [AWKWARD[place % len(AWKWARD)] for place in range(len(stories))]
        return {
            "stories": stories.assign(consent="public", text=texts, learning=texts, action=texts)
        }
    comments = pd.read_csv(WORLD / "comments.csv", dtype=str)
    codes = pd.read_csv(WORLD / "codes.csv", dtype=str)
    about = codes[(codes["label"] == THEME) & (codes["coder"] != "machine")].groupby("comment")
    quoted = sorted(name for name, given in about if given["coder"].nunique() >= 2)[
        : 2 * len(AWKWARD)
    ]
    order = {name: place for place, name in enumerate(quoted)}
    place = comments["comment"].map(order)
    texts = place.map(lambda at: AWKWARD[int(at) % len(AWKWARD)] if at == at else "plain")
    agreed = place.notna().map({True: "yes", False: "no"})
    chosen = comments.assign(text=texts, quote_consent=agreed, quote_checked=agreed)
    return {"comments": chosen, "codes": codes}
