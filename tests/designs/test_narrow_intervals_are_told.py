"""Where measured intervals were too narrow, a study that has such an interval says so itself."""

from importlib import import_module
from pathlib import Path

import pytest

from evalkit.data.design_table import make_table
from evalkit.data.sources import Source
from evalkit.study import load_parameters
from evalkit.study.schemas.design_study import DesignStudy

ROOT = Path(__file__).resolve().parents[2]


def remarks(design: str, changes: dict[str, object], **size: int) -> str:
    """Return the remarks of a design on its world with an effect."""
    worlds = import_module(f"evalkit.synthetic.design_worlds.{design}")
    loaded = load_parameters(ROOT / "parameters" / f"{design}.yml")
    assert isinstance(loaded, DesignStudy)
    parameters = loaded.model_copy(update=changes)
    frame = worlds.make_world("effect", 3, **size).table
    source = Source("data", "cqc_survey", "table", frame, "0" * 64, len(frame), True)
    estimate = import_module(f"evalkit.designs.{design}").estimate
    return " ".join(estimate(make_table({"data": source}, parameters), parameters).remarks)


@pytest.mark.parametrize(("treated", "told"), [(3, True), (1, False)])
def test_several_treated_units_of_a_synthetic_control(treated: int, told: bool) -> None:
    """Three treated, not drawn by lot: the interval is said to be too narrow; of one it is not."""
    said = remarks("synthetic_control", {"draws": 99}, treated=treated)
    assert ("too narrow" in said) is told


@pytest.mark.parametrize(("choice", "told"), [("averaged", True), ("constant", False)])
def test_an_average_over_time_since_the_start(choice: str, told: bool) -> None:
    """With few clusters the interval of an average over time is said to be too narrow."""
    said = remarks("stepped_wedge", {"effect_over_time": choice})
    assert ("too narrow" in said) is told
