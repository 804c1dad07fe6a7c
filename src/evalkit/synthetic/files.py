"""Write the made-up tables: the same bytes each time, truth beside them, all listed by hash."""

import hashlib
import json
import shutil
from pathlib import Path
from types import ModuleType

import pandas as pd

from evalkit.synthetic.design_worlds import (
    before_after,
    difference_in_differences,
    dose_response,
    interrupted_time_series,
    mediation,
    regression_discontinuity,
    staggered_adoption,
    stepped_wedge,
    synthetic_control,
    weighted_comparison,
)
from evalkit.synthetic.design_worlds.wards import DesignWorld
from evalkit.synthetic.linked.fields import FIELDS as LINKED_FIELDS
from evalkit.synthetic.linked.files import write_embedded
from evalkit.synthetic.worlds import WORLDS, World, make_world

DEFAULT_SEED = 20260301
STUDY_FOLDER = "staff_wellbeing"
LINKED_FOLDER = "linked"
DESIGNS: dict[str, ModuleType] = {
    "before_after": before_after,
    "difference_in_differences": difference_in_differences,
    "dose_response": dose_response,
    "interrupted_time_series": interrupted_time_series,
    "mediation": mediation,
    "regression_discontinuity": regression_discontinuity,
    "staggered_adoption": staggered_adoption,
    "stepped_wedge": stepped_wedge,
    "synthetic_control": synthetic_control,
    "weighted_comparison": weighted_comparison,
}
"""The made-up data of each design, by the name of its folder."""

_STAFF_WELLBEING: dict[str, tuple[str, str]] = {
    "trust": ("string", "Code of a made-up trust"),
    "trust_name": ("string", "Name of a made-up trust; always begins with Synthetic"),
    "quarter": ("string", "Calendar quarter, as 2021Q1"),
    "engagement": ("number", "Staff engagement, mean over staff, 0 to 10, higher is better"),
    "burnout_rate": ("number", "Staff often or always burnt out, per cent"),
    "staff_respondents": ("integer", "Staff who answered"),
    "agency_share": ("number", "Agency staff as a share of the pay bill, per cent"),
    "bed_occupancy": ("number", "Beds occupied, per cent"),
    "london": ("boolean", "Whether the trust is in London"),
    "specialist": ("boolean", "Whether the trust is a specialist trust"),
    "overall": ("number", "Overall patient experience, mean over patients, 0 to 10"),
    "relational": ("number", "How staff and patients dealt with each other, mean, 0 to 10"),
    "functional": ("number", "How the service worked, mean, 0 to 10"),
    "felt": ("number", "How care made people feel, mean, 0 to 10"),
    "patient_respondents": ("integer", "Patients who answered"),
    "core20_share": ("number", "Patients from the most deprived fifth of areas, per cent"),
    "more_deprived": ("boolean", "Whether that share is in the top third of trusts"),
}


FIELDS = {k: v for made in DESIGNS.values() for k, v in made.FIELDS.items()} | _STAFF_WELLBEING


def write_worlds(folder: Path, seed: int = DEFAULT_SEED) -> list[Path]:
    """Write every world under `folder`, and the data package that lists them; give the files.

    `folder` becomes like `data/synthetic`: one folder a world, its tables and `truth.json` in
    each, `datapackage.json` on top.
    """
    written = [path for name in WORLDS for path in write_world(make_world(name, seed), folder)]
    for design, made in DESIGNS.items():
        for name in made.EMBEDDED:
            written += write_design_world(made.make_world(name, seed), folder / design)
    written += write_embedded(folder / LINKED_FOLDER, seed)
    package = folder / "datapackage.json"
    package.write_text(_json(describe_package(folder, written, seed)), encoding="utf-8")
    return [*written, package]


def write_world(world: World, folder: Path) -> list[Path]:
    """Write one world's tables and truth."""
    place = folder / STUDY_FOLDER / world.name
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for name, table in (("staff", world.staff), ("patients", world.patients)):
        table.to_csv(place / f"{name}.csv", index=False, lineterminator="\n")
    (place / "truth.json").write_text(_json(world.truth), encoding="utf-8")
    return [place / name for name in ("staff.csv", "patients.csv", "truth.json")]


def write_design_world(world: DesignWorld, folder: Path) -> list[Path]:
    """Write the table and the truth of one world of a design into its own folder."""
    place = folder / world.name
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    world.table.to_csv(place / "results.csv", index=False, lineterminator="\n")
    (place / "truth.json").write_text(_json(world.truth), encoding="utf-8")
    return [place / "results.csv", place / "truth.json"]


def describe_package(folder: Path, files: list[Path], seed: int) -> dict[str, object]:
    """Describe the files as a Data Package: paths, hashes, columns and what they mean."""
    return {
        "name": "evalkit-synthetic",
        "title": "Synthetic results on patients, staff and carers with known truth",
        "description": "Made up by a program. No record of a real person or trust was used.",
        "synthetic": True,
        "seed": seed,
        "licenses": [{"name": "OGL-UK-3.0", "title": "Open Government Licence v3.0"}],
        "resources": [_describe_file(folder, path) for path in files],
    }


def _describe_file(folder: Path, path: Path) -> dict[str, object]:
    content = path.read_bytes()
    described: dict[str, object] = {
        "name": "-".join(path.relative_to(folder).with_suffix("").parts).replace("_", "-"),
        "path": path.relative_to(folder).as_posix(),
        "format": path.suffix.lstrip("."),
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
    }
    if path.suffix == ".csv":
        columns = pd.read_csv(path, nrows=0).columns
        linked = path.parent.parent.name == LINKED_FOLDER
        meant = LINKED_FIELDS[path.stem] if linked else _fields_of(path)
        fields = [{"name": c, "type": meant[c][0], "description": meant[c][1]} for c in columns]
        described["schema"] = {"fields": fields}
    return described


def _fields_of(path: Path) -> dict[str, tuple[str, str]]:
    """Columns of one file; designs may give one name to different things."""
    design = DESIGNS.get(path.parent.parent.name)
    return _STAFF_WELLBEING if design is None else design.FIELDS


def _json(content: object) -> str:
    return json.dumps(content, indent=2, sort_keys=True, allow_nan=False) + "\n"
