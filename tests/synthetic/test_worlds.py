"""The synthetic data: the same bytes, the stated truth and calibration, the word in each."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.synthetic.files import DESIGNS, FIELDS, write_worlds
from evalkit.synthetic.linked.fields import FIELDS as LINKED_FIELDS
from evalkit.synthetic.linked.files import EMBEDDED
from evalkit.synthetic.worlds import FACETS, WORLDS, make_world

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = ROOT / "data" / "synthetic"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return the files of all worlds, written anew."""
    return write_worlds(tmp_path_factory.mktemp("synthetic"))


def trust_means(name: str, seed: int) -> pd.DataFrame:
    """Return each trust's averages in a world."""
    made = make_world(name, seed)
    both = made.staff.merge(made.patients)
    return both.groupby("trust")[["engagement", "overall"]].mean()


def test_committed_files_are_what_the_seed_makes(written: list[Path]) -> None:
    """Every committed file equals, byte for byte, what its seed makes again."""
    folder = written[-1].parent
    designs = sum(2 * len(made.EMBEDDED) for made in DESIGNS.values())
    linked = sum(len(tables) + 1 for tables in EMBEDDED.values())
    assert len(written) == 3 * len(WORLDS) + designs + linked + 1
    for path in written:
        assert path.read_bytes() == (COMMITTED / path.relative_to(folder)).read_bytes(), path.name


def test_synthetic_stands_in_every_file(written: list[Path]) -> None:
    """Each truth says that it is synthetic, and each row of a table of results does."""
    for path in written:
        text = path.read_text("utf-8")
        if path.suffix == ".csv" and "linked" in path.parts:
            continue
        if path.suffix == ".csv":
            assert all("Synthetic" in line for line in text.splitlines()[1:])
        else:
            assert json.loads(text)["synthetic"] is True


def test_package_lists_every_column(written: list[Path]) -> None:
    """The data package describes each column of each table."""
    package = json.loads(written[-1].read_text("utf-8"))
    for resource in package["resources"]:
        if resource["format"] == "csv":
            header = (written[-1].parent / resource["path"]).read_text("utf-8").split("\n", 1)[0]
            assert [f["name"] for f in resource["schema"]["fields"]] == header.split(",")
    used = {f["name"] for r in package["resources"] if "schema" in r for f in r["schema"]["fields"]}
    linked = {name for fields in LINKED_FIELDS.values() for name in fields}
    assert used <= set(FIELDS) | linked


def test_same_seed_same_world_other_seed_another() -> None:
    """A seed fixes a world; another seed, or another world of the seed, differs."""
    first, again, other = (make_world("effect", seed) for seed in (3, 3, 4))
    pd.testing.assert_frame_equal(first.staff, again.staff)
    assert not first.staff["engagement"].equals(other.staff["engagement"])
    assert not first.staff["engagement"].equals(make_world("null", 3).staff["engagement"])


def test_shape_is_as_the_datasheet_says() -> None:
    """130 trusts over 16 quarters, scores in range, bases whole and above the smallest shown."""
    made = make_world("effect", 3)
    assert made.staff.groupby("trust")["quarter"].nunique().eq(16).all()
    assert made.staff["trust"].nunique() == 130
    scores = made.patients[["overall", *FACETS]].to_numpy()
    assert ((scores >= 0) & (scores <= 10)).all()
    assert (made.patients["patient_respondents"] > 30).all()


def test_calibration_of_the_effect_world() -> None:
    """Levels, spreads and the trust-level correlation are as published evidence suggests."""
    tables = [trust_means("effect", seed) for seed in range(40)]
    spread = np.mean([t.std() for t in tables], axis=0)
    level = np.mean([t.mean() for t in tables], axis=0)
    correlation = np.mean([t.corr().iloc[0, 1] for t in tables])
    assert 0.25 <= correlation <= 0.45
    assert 0.24 <= spread[0] <= 0.30
    assert spread[1] == pytest.approx(0.3, abs=0.03)
    assert level == pytest.approx([6.85, 8.10], abs=0.1)


def test_truth_says_what_was_made() -> None:
    """Truth: 0.05 a step, relational three times functional, half mediated."""
    truth = json.loads((COMMITTED / "staff_wellbeing/effect/truth.json").read_text("utf-8"))
    by_facet = truth["effect_per_point_one_quarter_later"]
    assert by_facet["overall"] * 0.15 == pytest.approx(0.05)
    assert by_facet["relational"] == pytest.approx(3 * by_facet["functional"])
    assert truth["indirect_through_burnout"] == pytest.approx(by_facet["overall"] / 2)


@pytest.mark.parametrize("name", ["null", "confounded_fixed", "confounded_moving", "reverse"])
def test_no_effect_worlds_have_none(name: str) -> None:
    """In every other world staff do nothing to patients."""
    assert WORLDS[name].effect == 0.0
