"""From the costs to the release: what one ward spent nearly alone is told nowhere."""

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from evalkit.disclosure.profiles import MARKER
from evalkit.disclosure.release import release_study
from evalkit.record.contributions import SHARES
from evalkit.runs.run import run_study

ROOT = Path(__file__).resolve().parents[2]
WORLD = ROOT / "data" / "synthetic" / "linked" / "effect_relational"
STUDY = "value_for_money"


@pytest.fixture
def folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forks: str | None
) -> tuple[Path, Path]:
    """Run the study with one ward's room costing a thousand times the others', and release it.

    Returns the folders of the run and of the release.
    """
    root = tmp_path / "project"
    for part in ("notebooks", "parameters"):
        (root / part).mkdir(parents=True)
    for part in ("pyproject.toml", "requirements.lock", f"notebooks/{STUDY}.ipynb"):
        shutil.copy(ROOT / part, root / part)
    shutil.copytree(WORLD, root / WORLD.relative_to(ROOT))
    monkeypatch.setenv("EVALKIT_PROJECT", str(root))
    monkeypatch.setenv("EVALKIT_RELEASED", str(root / "reports" / "released"))
    costs = pd.read_csv(WORLD / "costs.csv")
    wards = pd.read_csv(WORLD / "wards.csv")
    began = set(wards.loc[wards["start"].notna(), "ward"])
    first = sorted(set(costs["ward"]) & began)[0]
    item = costs.loc[costs["payer"] == "nhs", "item"].iloc[0]
    of = (costs["ward"] == first) & (costs["item"] == item)
    costs.loc[of, "amount"] *= 1000
    costs.to_csv(root / "costs.csv", index=False)
    values = yaml.safe_load((ROOT / "parameters" / f"{STUDY}.yml").read_text("utf-8"))
    values["costs_file"] = "costs.csv"
    (root / "parameters" / "made.yml").write_text(yaml.safe_dump(values), "utf-8")
    sealed = run_study(root / "parameters" / "made.yml", force=True, warm=forks).sealed.folder
    return sealed, release_study(sealed, approved_by="A person who looked").folder


def cells(table: dict[str, Any], *names: str) -> list[list[Any]]:
    """Return the named cells of each row."""
    places = [[c["name"] for c in table["columns"]].index(name) for name in names]
    return [[row[place] for place in places] for row in table["rows"]]


def test_what_one_ward_spent_nearly_alone_is_told_nowhere(folders: tuple[Path, Path]) -> None:
    """Its line and another of the payer are hidden, and the payer's total and that of all.

    So are the curve, the plane, and every number of cost of the answer. Carers' costs, which
    wards spend alike, and what people said are shown. No share is in any released file.
    """
    sealed, released = folders
    staged = pd.read_parquet(sealed / "tables" / "costs.parquet")
    assert set(SHARES) <= set(staged) and staged[SHARES[0]].max() > 90
    bundle = json.loads((released / "bundle.json").read_text("utf-8"))
    tables = bundle["tables"]
    lines = cells(tables["costs"], "payer", "amount")
    assert [payer for payer, amount in lines if amount == MARKER].count("the NHS") >= 2
    assert all(amount != MARKER for payer, amount in lines if payer == "carers")
    told = dict(cells(tables["consequences"], "label", "with"))
    unsafe = {label for label, cell in told.items() if cell == MARKER}
    assert {label.split(",")[0] for label in unsafe} == {"Cost to the NHS", "Cost to all together"}
    for name, column in (("acceptability", "net_benefit"), ("cost_effect_plane", "cost")):
        assert {cell for (cell,) in cells(tables[name], column)} == {MARKER}
    said = dict(cells(tables["headline"], "name", "value"))
    assert {value for name, value in said.items() if name.startswith("cost_")} == {MARKER}
    assert any(value != MARKER for value in said.values())
    files = [path for path in released.rglob("*") if path.is_file()]
    assert not [p for p in files if any(name.encode() in p.read_bytes() for name in SHARES)]
