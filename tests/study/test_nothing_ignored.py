"""A parameter that a design would ignore keeps its default, or is refused in one line."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from evalkit.checks.by_design import CHECKS
from evalkit.checks.placebos import check_placebo_outcomes
from evalkit.errors import ParameterError
from evalkit.study.design_rules import READ_ONLY_WITH
from evalkit.study.parameters import load_parameters, validate
from evalkit.study.schema import SCHEMAS
from evalkit.study.schemas.design_study import DesignStudy

FOLDER = Path(__file__).resolve().parents[2] / "parameters"
NO_STUDIES = ("sweeps", "decisions")
STUDIES = sorted(path for path in FOLDER.glob("**/*.yml") if path.parent.name not in NO_STUDIES)
DESIGNS = [schema for schema in SCHEMAS.values() if issubclass(schema, DesignStudy)]

IGNORED = (
    ("weighted_comparison", {"exact_on": ["age"]}, "exact_on", {"method": "matching"}),
    ("weighted_comparison", {"caliper": 0.1}, "caliper", {"method": "matching"}),
    (
        "weighted_comparison",
        {"effect_for": "everyone"},
        "effect_for",
        {"method": "inverse_probability"},
    ),
    ("before_after", {"selected_share": 0.3}, "selected_share", {"selected": "lowest"}),
    (
        "before_after",
        {"selection_periods": ["1900Q1"]},
        "selection_periods",
        {"selected": "lowest"},
    ),
    ("before_after", {"period_correlation": 0.4}, "period_correlation", {"selected": "highest"}),
    ("before_after", {"rate_per": 10.0}, "rate_per", {"outcome_kind": "count"}),
    (
        "interrupted_time_series",
        {"season": "none", "season_waves": 2, "alternatives": {}},
        "season_waves",
        {"season": "harmonics"},
    ),
    (
        "interrupted_time_series",
        {"season": "automatic", "season_waves": 2, "alternatives": {}},
        "season_waves",
        {"season": "harmonics"},
    ),
    (
        "interrupted_time_series",
        {"outcome_kind": "score", "percentage_model": "log_odds"},
        "percentage_model",
        {"outcome_kind": "percentage"},
    ),
    (
        "synthetic_control",
        {"primary_analysis": "synthetic_difference_in_differences", "interval_by": "conformal"},
        "interval_by",
        {"primary_analysis": "synthetic_control"},
    ),
)


def faults_of(study: str, **changes: Any) -> list[str]:
    """List the lines of the refusal of an embedded study with other values; none if taken."""
    values = yaml.safe_load((FOLDER / f"{study}.yml").read_text("utf-8"))
    try:
        validate(values | changes, "x.yml")
    except ParameterError as refusal:
        return [line.strip() for line in str(refusal).splitlines()[1:]]
    return []


@pytest.mark.parametrize(("study", "given", "name", "read_with"), IGNORED)
def test_what_would_be_ignored_is_refused_and_what_is_read_is_not(
    study: str, given: dict[str, Any], name: str, read_with: dict[str, Any]
) -> None:
    """One line that names both parameters; none once the other has a value that reads it."""
    faults = faults_of(study, **given)
    other = next(iter(read_with))
    assert len(faults) == 1
    assert faults[0].startswith(f"{name}: given ")
    assert f"read only with {other} " in faults[0]
    assert faults_of(study, **(given | read_with)) == []


def test_the_line_in_full() -> None:
    """What was given, with what it is read, and both ways out."""
    assert faults_of("weighted_comparison", caliper=0.1) == [
        "caliper: given 0.1 (a number), but it is read only with method matching, and method is "
        "overlap_weights. Change method, or give caliper as 0.2."
    ]


def test_an_alternative_that_reads_it_makes_it_no_fault() -> None:
    """Waves are read where the plan allows harmonics beside its own choice."""
    waves = {"season": "none", "season_waves": 2}
    told = faults_of("interrupted_time_series", **waves, alternatives={"season": ["harmonics"]})
    assert told == []


def test_alternatives_that_would_all_be_ignored_are_refused() -> None:
    """Other waves without harmonics would be the same analysis again, counted as another."""
    alternatives = {"season_waves": [2]}
    told = faults_of("interrupted_time_series", season="none", alternatives=alternatives)
    assert [line.split(":")[0] for line in told] == ["season_waves"]


def test_the_table_names_what_the_designs_have() -> None:
    """Each pair stands together in a schema, and the values are ones that the other can take."""
    for name, (other, wanted) in READ_ONLY_WITH.items():
        having = [schema for schema in DESIGNS if name in schema.model_fields]
        assert having, name
        for schema in having:
            allowed = schema.model_json_schema()["properties"][other]["enum"]
            assert set(wanted) < set(allowed), (name, schema)


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_the_committed_parameters_are_valid(path: Path) -> None:
    """No rule refuses a study that is kept here."""
    load_parameters(path)


def test_rows_are_chosen_by_a_role_that_has_a_column() -> None:
    """A role of `only` needs a column, and needs no other part in the study."""
    values = yaml.safe_load((FOLDER / "difference_in_differences.yml").read_text("utf-8"))
    with pytest.raises(ParameterError, match="only: no column is given for site"):
        validate(values | {"only": {"site": "north"}}, "x.yml")
    mapped = {"data_columns": {**values["data_columns"], "site": "trust"}}
    validate(values | mapped | {"only": {"site": "north"}}, "x.yml")


@pytest.mark.parametrize("design", ["mediation", "stepped_wedge"])
def test_weights_of_people_are_refused_for_averages(design: str) -> None:
    """A weight that is read of people's answers only is refused where rows are averages."""
    values = yaml.safe_load((FOLDER / f"{design}.yml").read_text("utf-8"))
    values["data_columns"]["weight"] = "design_weight"
    with pytest.raises(ParameterError, match="weight is read of people's answers only"):
        validate(values, "x.yml")
    rest = {"data_rows": "people", "alternatives": {}}
    assert validate(values | rest, "x.yml").data_columns["weight"] == "design_weight"


@pytest.mark.parametrize(
    ("design", "name", "advice"),
    [
        ("synthetic_control", "subgroups", r"run a study for each group, .* only: \{role: value\}"),
        ("mediation", "placebo_outcomes", "such a column mapped as outcome"),
        ("before_after", "placebo_outcomes", "such a column mapped as outcome"),
    ],
)
def test_what_a_design_never_asks_is_refused(design: str, name: str, advice: str) -> None:
    """Groups of a synthetic control and other outcomes of a mediation: refused, with what to do."""
    values = yaml.safe_load((FOLDER / f"{design}.yml").read_text("utf-8"))
    columns = {**values["data_columns"], "asked": "overall"}
    changed = {**values, name: ["asked"], "data_columns": columns}
    with pytest.raises(ParameterError, match=f"{name}: this design is not .*{advice}"):
        validate(changed, "x.yml")


@pytest.mark.parametrize("schema", DESIGNS, ids=lambda schema: schema.__name__)
def test_what_a_design_says_it_asks_its_notebook_asks(schema: type[DesignStudy]) -> None:
    """Subgroups, sites and placebo outcomes: taken by the parameters only where they are used."""
    name = next(key for key, value in SCHEMAS.items() if value is schema)
    notebook = (FOLDER.parent / "notebooks" / f"{name}.ipynb").read_text("utf-8")
    assert ("estimate_groups(" in notebook) == schema.GROUPED
    assert ("estimate_by_site(" in notebook) == schema.POOLED
    assert (check_placebo_outcomes in CHECKS[name]) == schema.TRIED_ON_OTHERS
