"""What is due, what changed between two runs, and what a sweep's runs show together."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from evalkit.cli.main import app
from evalkit.errors import AnalysisError, DataError
from evalkit.runs.listing import SealedRun, list_runs
from evalkit.runs.run import run_study
from evalkit.sweeps.compare import compare_runs
from evalkit.sweeps.files import SweepRun
from evalkit.sweeps.results import collect_results, pool_results, write_results
from evalkit.sweeps.status import find_status

STUDY = "staff_wellbeing"
Spoil = Callable[[dict[str, Any]], None]


def newest(project: Path) -> SealedRun:
    """Return the project's sealed run."""
    return list_runs(project)[0]


def spoilt(run: SealedRun, change: Spoil) -> SealedRun:
    """Return the run with a record that a change has been made to."""
    record = json.loads(json.dumps(run.record))
    change(record)
    return replace(run, record=record)


def test_a_run_is_the_same_as_itself(sealed_project: Path) -> None:
    """Nothing differs."""
    run = newest(sealed_project)
    assert compare_runs(run, run).is_same


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("conclusion", lambda r: r["finding"].update(claim="came before")),
        ("conclusion", lambda r: r["checks"][0].update(verdict="concern")),
        ("estimates", lambda r: r["estimates"][0].update(estimate=9.0)),
        ("estimates", lambda r: r["estimates"][0].update(n=39)),
        ("data", lambda r: r["sources"][0].update(rows=3)),
        ("parameters", lambda r: r["parameters"].update(exposure_step=0.2)),
    ],
)
def test_each_kind_of_difference_is_told(sealed_project: Path, part: str, change: Spoil) -> None:
    """One change shows in its own part, and in no other."""
    run = newest(sealed_project)
    found = compare_runs(run, spoilt(run, change))
    parts = ("conclusion", "estimates", "data", "parameters", "versions")
    assert [name for name in parts if getattr(found, name)] == [part]


def test_a_tolerance_lets_small_differences_pass(sealed_project: Path) -> None:
    """A number within the tolerance is the same, and one beyond it is not."""
    run = newest(sealed_project)
    moved = spoilt(run, lambda r: r["estimates"][0].update(conf_high=0.3 * (1 + 1e-4)))
    assert compare_runs(run, moved, relative=1e-3).is_same
    assert not compare_runs(run, moved, relative=1e-5).is_same


def test_status_says_what_a_run_would_do(sealed_project: Path) -> None:
    """Current; stale with its reason; changed; never run; and what cannot be run."""
    path = sealed_project / "parameters" / f"{STUDY}.yml"
    assert find_status(path).state == "current"
    (newest(sealed_project).folder / "tables" / "estimates.csv").write_text("")
    assert find_status(path).state == "changed"
    text = path.read_text().replace("exposure_step: 0.15", "exposure_step: 0.16")
    path.write_text(text)
    stale = find_status(path)
    assert (stale.state, "exposure_step" in stale.why) == ("stale", True)
    path.write_text(text.replace("study: staff_wellbeing", "study: another"))
    assert find_status(path).state == "never run"
    path.write_text("nonsense: 1\n")
    assert find_status(path).state == "cannot run"


def test_a_stale_run_is_accepted_only_if_asked(sealed_project: Path, forks: str | None) -> None:
    """With other code alone, `accept_stale` skips; other parameters are run all the same."""
    path = sealed_project / "parameters" / f"{STUDY}.yml"
    lock = sealed_project / "requirements.lock"
    lock.write_text(lock.read_text() + "# another\n")
    accepted = run_study(path, accept_stale=True)
    assert accepted.skipped
    assert "installed packages" in accepted.why
    path.write_text(path.read_text().replace("exposure_step: 0.15", "exposure_step: 0.16"))
    assert not run_study(path, accept_stale=True, warm=forks).skipped


def test_the_alert_ends_with_its_own_code(sealed_project: Path) -> None:
    """A changed claim ends with 10, as a nightly job asks; the same ends with 0."""
    run = newest(sealed_project)
    other = run.folder.with_name("0" * 12)
    run.folder.rename(other)
    assert CliRunner().invoke(app, ["compare", "0000", "0000", "--alert"]).exit_code == 0
    record = json.loads((other / "record.json").read_text())
    record["finding"]["claim"] = "came before"
    copy = other.with_name("1" * 12)
    copy.mkdir()
    (copy / "record.json").write_text(json.dumps(record))
    (copy / "run.json").write_text((other / "run.json").read_text())
    told = CliRunner().invoke(app, ["compare", "0000", "1111", "--alert"])
    assert (told.exit_code, "claim: cannot_tell -> came before" in told.stdout) == (10, True)


def test_sealed_runs_make_one_table(sealed_project: Path, tmp_path: Path) -> None:
    """A run with the sweep's parameters has a row; one without is missing."""
    parameters = newest(sealed_project).record["parameters"]
    asked = SweepRun(STUDY, parameters, {"exposure_step": 0.15})
    other = SweepRun("other", {**parameters, "study": "other"}, {"exposure_step": 0.2})
    found = collect_results([asked, other], sealed_project)
    assert found.missing == ("other",)
    row = found.rows.iloc[0]
    assert (row["exposure_step"], row["n"], row["claim"]) == (0.15, 40, "cannot_tell")
    assert row["estimate"] == pytest.approx(0.05)
    csv, parquet = write_results(found.rows, tmp_path)
    assert pd.read_csv(csv).shape == pd.read_parquet(parquet).shape == (1, len(found.rows.columns))


def test_runs_of_other_data_or_code_are_named(
    sealed_project: Path, forks: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table of old and new runs says which are old, and such a sweep is not released."""
    path = sealed_project / "parameters" / f"{STUDY}.yml"
    old = newest(sealed_project).record["parameters"]
    (sealed_project / "requirements.lock").write_text("pandas==3.1.2\n")
    text = path.read_text().replace("study: staff_wellbeing", "study: another")
    path.with_name("another.yml").write_text(text)
    made = run_study(path.with_name("another.yml"), warm=forks).sealed
    asked = [SweepRun(STUDY, old, {}), SweepRun("another", made.record["parameters"], {})]
    assert collect_results(asked, sealed_project).unlike == (STUDY,)
    assert collect_results(asked[1:], sealed_project).unlike == ()
    monkeypatch.setattr("evalkit.sweeps.files.read_sweep", lambda _: ("both", asked))
    told = CliRunner().invoke(app, ["sweep", "both.yml"])
    assert f"stand behind {STUDY} (1 in all)" in told.stdout
    refused = CliRunner().invoke(app, ["sweep", "both.yml", "--release"])
    assert isinstance(refused.exception, DataError)


def test_sites_are_pooled_and_the_far_one_is_seen() -> None:
    """Nine alike and one far out: its Holm p-value is small, and it is drawn to the others."""
    rng = np.random.default_rng(1)
    rows = pd.DataFrame({"study": [f"s{i}" for i in range(10)], "std_error": 0.1, "level": 0.95})
    rows["estimate"] = [*(0.3 + 0.1 * rng.normal(size=9)), 3.0]
    made, pooled = pool_results(rows)
    assert pooled.sites == 10
    assert (made["shrunk"].iloc[9] < 3.0, made["z"].abs().idxmax()) == (True, 9)
    assert made["p_holm"].iloc[:9].min() > 0.5
    with pytest.raises(AnalysisError, match="2 runs"):
        pool_results(rows.head(2))
