"""A small sealed run, staged by the real record and sealed by hand."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from evalkit.disclosure.bundle import make_files, parameter_numbers
from evalkit.disclosure.profiles import strictest
from evalkit.disclosure.scan import Expected
from evalkit.disclosure.sealed import read_sealed, read_table, source_profiles, whole_base
from evalkit.disclosure.suppress import protect_table
from evalkit.record import Column, Margin, TableSpec
from evalkit.record.files import json_bytes
from evalkit.record.hashes import hash_files, hash_json
from evalkit.record.staging import Staging
from evalkit.results import Check, Finding, Result
from evalkit.study import load_parameters

ROOT = Path(__file__).parents[2]
BOTH = ("patient", "staff")


@dataclass(frozen=True)
class MadeSource:
    """What the record asks of a source."""

    name: str
    profile: str
    synthetic: bool = True
    layout: str = "table"
    sha256: str = "a" * 64
    rows: int = 240


ESTIMATES = pd.DataFrame(
    {
        "term": "exposure",
        "estimate": [0.12345, 0.05211],
        "std_error": [0.02, 0.03],
        "conf_low": [0.08, -0.00669],
        "conf_high": [0.16, 0.11091],
        "level": 0.95,
        "n": [240, 240],
        "clusters": [30, 30],
        "outcome": "overall",
        "facet": "overall",
        "group": "all",
        "method": ["pooled", "within"],
        "df": [29.0, 29.0],
        "label": ["Between and within trusts", "Within trusts"],
    }
)
WHO = pd.DataFrame({"group": ["north", "south", "east", "total"], "respondents": [7, 24, 60, 91]})


def number(name: str, **more: Any) -> Column:
    """Specify an estimate that rests on column `clusters`."""
    return Column(
        name, name, "estimate", **{"sources": BOTH, "base": "clusters", "decimals": 3, **more}
    )


def word(name: str) -> Column:
    """Specify a column of words."""
    return Column(name, name.replace("_", " "), "label")


ESTIMATE_SPEC = TableSpec(
    name="estimates",
    title="Estimates side by side",
    description="Difference in the outcome for each step of the staff measure.",
    columns=(
        *(word(n) for n in ("term", "outcome", "facet", "group", "method", "label")),
        *(number(n) for n in ("estimate", "std_error", "conf_low", "conf_high")),
        number("level", decimals=2),
        number("df", decimals=0),
        Column("n", "Rows", "count", BOTH),
        Column("clusters", "Trusts", "count", BOTH),
    ),
)
WHO_SPEC = TableSpec(
    name="who",
    title="Who answered",
    description="Respondents by group.",
    columns=(word("group"), Column("respondents", "Respondents", "count", ("staff",))),
    margins=(Margin("group", "total"),),
)
HEADLINE_SPEC = TableSpec(
    name="headline",
    title="Numbers of the answer",
    description="Each number of the finding.",
    columns=(
        word("name"),
        Column("value", "Value", "estimate", BOTH, decimals=3),
        Column("unit", "Unit", "text"),
    ),
)


def headline(estimates: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers of the finding, from the primary row."""
    primary = estimates.iloc[1]
    values = [primary["estimate"], primary["conf_low"], primary["conf_high"], primary["clusters"]]
    return pd.DataFrame(
        {"name": ["difference", "low", "high", "trusts"], "value": values, "unit": "points"}
    )


ANSWER = "Higher by 0.05 points (95% interval -0.01 to 0.11), in 30 trusts."


@pytest.fixture
def sealed_estimates() -> pd.DataFrame:
    """Return a copy of the estimates of the run."""
    return ESTIMATES.copy()


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a project whose datapackage.json lists both sources as synthetic; return that."""
    monkeypatch.setenv("EVALKIT_PROJECT", str(tmp_path))
    package = tmp_path / "data" / "synthetic" / "datapackage.json"
    package.parent.mkdir(parents=True)
    files = [f"staff_wellbeing/effect/{name}.csv" for name in ("patients", "staff")]
    resources = [{"path": file, "hash": f"sha256:{MadeSource.sha256}"} for file in files]
    package.write_text(json.dumps({"synthetic": True, "resources": resources}))
    return package


@pytest.fixture
def make_run(tmp_path: Path, listed: Path) -> Callable[..., Path]:
    """Return a function that stages and seals a run, with parts of it replaced."""

    def make(
        *,
        profiles: tuple[str, str] = ("cqc_survey", "staff"),
        synthetic: bool | tuple[bool, bool] = True,
        answer: str = ANSWER,
        check_finding: str = "The estimate is 0.41 in later quarters.",
        estimates: pd.DataFrame = ESTIMATES,
        who: pd.DataFrame = WHO,
        tables: Sequence[tuple[TableSpec, pd.DataFrame]] = (),
    ) -> Path:
        parameters = load_parameters(ROOT / "parameters" / "staff_wellbeing.yml")
        sources = tuple(
            MadeSource(name, profile, made_up)
            for name, profile, made_up in zip(
                BOTH,
                profiles,
                synthetic if isinstance(synthetic, tuple) else (synthetic, synthetic),
                strict=True,
            )
        )
        folder = tmp_path / "runs" / "staff_wellbeing" / "0123456789ab"
        staging = Staging(folder, parameters, sources)
        staging.table(ESTIMATE_SPEC, estimates)
        for spec, frame in tables or [(WHO_SPEC, who)]:
            staging.table(spec, frame)
        staging.table(HEADLINE_SPEC, headline(estimates))
        staging.figure("estimates", chart="estimates", table="estimates", title="Side by side")
        _conclude(staging, estimates, answer, check_finding)
        return seal(folder)

    return make


Kept = dict[str | None, tuple[dict[str, bytes], Expected]]


@pytest.fixture(scope="session")
def kept_releases() -> Kept:
    """Return what releases were made of, by label: each is made once, and written for each test."""
    return {}


@pytest.fixture
def make_release(
    make_run: Callable[..., Path], tmp_path: Path, kept_releases: Kept
) -> Callable[..., tuple[Path, Expected]]:
    """Return a function that writes the files of a release, and says what may be in them.

    There is no `release.json` among them. `label` names the estimates.
    """

    def make(label: str | None = None) -> tuple[Path, Expected]:
        if label not in kept_releases:
            kept_releases[label] = files_of(label)
        files, expected = kept_releases[label]
        for name, content in files.items():
            path = tmp_path / "out" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return tmp_path / "out", expected

    def files_of(label: str | None) -> tuple[dict[str, bytes], Expected]:
        named = ESTIMATES if label is None else ESTIMATES.assign(label=label)
        study = read_sealed(make_run(estimates=named))
        profiles = source_profiles(study.record)
        rules = strictest(profiles.values())
        whole = whole_base(study.record)
        tables = {}
        for entry in study.record["tables"]:
            spec, frame = read_table(study, entry)
            tables[spec.name] = protect_table(frame, spec, profiles, whole)
        figures = {"estimates": "estimates"}
        numbers = parameter_numbers(study.record)
        expected = Expected(tables, figures, numbers, True, rules.file_types)
        return make_files(study, tables, profiles, rules), expected

    return make


@pytest.fixture
def release(make_release: Callable[..., tuple[Path, Expected]]) -> tuple[Path, Expected]:
    """Write the files of a release as it is made, and say what may be in them."""
    return make_release()


def seal(folder: Path) -> Path:
    """Add the record and the run's papers to what was staged, as the runner does."""
    staged = json.loads((folder / "staged.json").read_text("utf-8"))
    (folder / "staged.json").unlink()
    names = ("protocol", "parameters", "data", "code", "notebook", "environment")
    protocol = {
        **staged["protocol"],
        "hash": hash_json("protocol"),
        "registered_hash": hash_json("registered"),
        "registered_on": "2026-02-03",
        "registrations": 2,
        "stamp": "exploratory",
        "stamp_reason": "the run departs from the registered plan",
        "departures": [{"name": "exposure_lag", "registered": 3, "run": 1}],
        "changes_since_first": [{"name": "exposure_step", "first": 6.25, "now": 0.15}],
    }
    record = {
        **staged,
        "schema": "evalkit-record/1",
        "protocol": protocol,
        "hashes": {name: hash_json(name) for name in names},
    }
    (folder / "record.json").write_bytes(json_bytes(record))
    run = {
        "status": "ok",
        "finished": "2026-03-01T00:00:00+00:00",
        "python": "3.11.2",
        "versions": {"pandas": "3.1.1"},
        "files": hash_files(folder),
    }
    (folder / "run.json").write_bytes(json_bytes(run))
    return folder


def _conclude(staging: Staging, estimates: pd.DataFrame, answer: str, check_finding: str) -> None:
    check = Check(
        assumption="Later staff results do not foretell earlier patients.",
        question="Do patients come first?",
        verdict="concern",
        finding=check_finding,
        power="",
        consequence="Read with care.",
        table=pd.DataFrame({"term": ["lead"], "estimate": [0.41], "n": [240]}),
    )
    staging.conclude(
        result=Result(
            "lagged_panel",
            estimates,
            {"term": "exposure", "facet": "overall", "group": "all", "method": "within"},
        ),
        finding=Finding("no_clear_difference", answer, ("It may be nothing.",), ("Few trusts.",)),
        checks=[check],
        not_measured=["How care felt to people who did not answer."],
    )
