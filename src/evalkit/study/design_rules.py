"""What the parameters of a design's study must be together: roles mapped once, nothing ignored."""

from collections.abc import Iterator, Mapping
from typing import Any

from evalkit.study.canonical import canonical_text
from evalkit.study.fields import FACETS
from evalkit.study.matching import repeated, suggest
from evalkit.study.plain_values import show_value
from evalkit.study.schema import SCHEMAS
from evalkit.study.schemas.design_study import DesignStudy

KEY = ("unit", "period", "outcome")
NEIGHBOUR = "neighbour"
SHARED = (*KEY, "unit_name", "mode_share", NEIGHBOUR, *FACETS)
CHOSEN = ("adjust_for", "subgroups", "placebo_outcomes")
LEAVE_OUT = "leave_out"
"""The alternative that names groups whose rows are left out."""
Values = Mapping[str, Any]

READ_ONLY_WITH: dict[str, tuple[str, tuple[str, ...]]] = {
    "caliper": ("method", ("matching",)),
    "exact_on": ("method", ("matching",)),
    "effect_for": ("method", ("inverse_probability", "entropy_balance")),
    "selected_share": ("selected", ("lowest", "highest")),
    "selection_periods": ("selected", ("lowest", "highest")),
    "period_correlation": ("selected", ("lowest", "highest")),
    "season_waves": ("season", ("harmonics",)),
    "percentage_model": ("outcome_kind", ("percentage",)),
    "rate_per": ("outcome_kind", ("count",)),
    "interval_by": ("primary_analysis", ("synthetic_control",)),
    "imputed_from": ("missing_data", ("multiple_imputation",)),
    "imputations": ("missing_data", ("multiple_imputation",)),
}
"""Parameters that a design reads only with some values of another, and which values."""


def roles_of(notebook: str) -> tuple[type[DesignStudy], set[str]]:
    """Return the class of a design's parameters and the roles that it reads."""
    schema = SCHEMAS[notebook]
    if not issubclass(schema, DesignStudy):
        raise TypeError(f"{notebook} is not the notebook of a design")
    return schema, {*SHARED, *schema.ROLES}


def roles_in_alternatives(alternatives: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Name the roles that only alternatives may need: measured causes, and yes/no columns."""
    adjusted = [value for value in alternatives.get("adjust_for", []) if isinstance(value, list)]
    causes = [role for value in adjusted for role in value if isinstance(role, str)]
    groups = [role for role in alternatives.get(LEAVE_OUT, []) if isinstance(role, str)]
    return causes, groups


def check_design_roles(values: Values) -> Iterator[str]:
    """Require the roles that the design cannot do without, and refuse one that it never reads."""
    if not _has(values, "data_columns", *CHOSEN):
        return
    schema, known = roles_of(str(values["notebook"]))
    mapped = values["data_columns"]
    missing = [role for role in (*KEY, *schema.NEEDED) if role not in mapped]
    if missing:
        yield f"data_columns: no column is given for {', '.join(missing)}. Add `role: column`."
    causes, groups = roles_in_alternatives(values.get("alternatives", {}))
    chosen = {*causes, *groups, *(role for name in CHOSEN for role in values[name])}
    chosen |= set(values.get("imputed_from", []))
    chosen |= {str(role) for role in [values.get("pool_by")] if role is not None}
    chosen |= set(values.get("only", {}))
    for role in mapped:
        if role not in known and role not in chosen:
            yield (
                f"data_columns: {role} is no role, and in none of {', '.join(CHOSEN)}."
                f"{suggest(role, sorted({*known, *chosen}))}"
            )


def check_design_choices(values: Values) -> Iterator[str]:
    """Require each adjustment and subgroup once, and mapped to a column."""
    _, known = roles_of(str(values["notebook"]))
    for name in CHOSEN:
        roles = values.get(name, [])
        for role in repeated(roles):
            yield f"{name}: {role} stands in it more than once. Keep one."
        for role in dict.fromkeys(roles):
            if role in known:
                yield f"{name}: {role} has a part of its own in the study. Take it out of {name}."
            elif "data_columns" in values and role not in values["data_columns"]:
                yield (
                    f"{name}: no column is given for {role}. Add `{role}: column` to data_columns."
                    f"{suggest(role, sorted(values['data_columns']))}"
                )


def check_design_inference(values: Values) -> Iterator[str]:
    """Refuse draws that move together, and sites, where the design cannot give them."""
    schema, known = roles_of(str(values["notebook"]))
    if values.get("multiplicity") == "romano_wolf" and not schema.CLUSTERED:
        yield (
            "multiplicity: romano_wolf needs errors that rest on clusters, and this design's do "
            "not. Use holm."
        )
    role = values.get("pool_by")
    if role is None:
        return
    if not schema.POOLED:
        yield (
            "pool_by: this design is not estimated site by site. Give null, or run a study for "
            "each site."
        )
    elif role in known or any(role in values.get(name, []) for name in CHOSEN):
        yield f"pool_by: {role} has another part in the study. Give the sites a role of their own."
    elif "data_columns" in values and role not in values["data_columns"]:
        yield (
            f"pool_by: no column is given for {role}. Add `{role}: column` to data_columns."
            f"{suggest(str(role), sorted(values['data_columns']))}"
        )


def check_design_asks(values: Values) -> Iterator[str]:
    """Refuse groups and placebo outcomes where the design asks nothing of them."""
    schema, _ = roles_of(str(values["notebook"]))
    if values.get("subgroups") and not schema.GROUPED:
        yield (
            "subgroups: this design is not estimated by group, since its placebos say nothing of "
            "how far two groups differ. Give [], and run a study for each group, its rows chosen "
            "by `only`, for example only: {role: value}."
        )
    if values.get("placebo_outcomes") and not schema.TRIED_ON_OTHERS:
        yield (
            "placebo_outcomes: this design is not tried on other outcomes. Give [], or run a study "
            "with such a column mapped as outcome."
        )


def check_design_only(values: Values) -> Iterator[str]:
    """Require a column for each role by which rows are chosen."""
    if not _has(values, "only", "data_columns"):
        return
    for role in values["only"]:
        if role not in values["data_columns"]:
            yield (
                f"only: no column is given for {role}. Add `{role}: column` to data_columns."
                f"{suggest(role, sorted(values['data_columns']))}"
            )


def check_design_rows(values: Values) -> Iterator[str]:
    """Refuse rows of a kind that the design cannot read."""
    schema, _ = roles_of(str(values["notebook"]))
    if "data_rows" in values and values["data_rows"] not in schema.ROWS:
        yield (
            f"data_rows: {values['data_rows']} is not read by this design. "
            f"Allowed: {' or '.join(schema.ROWS)}."
        )
    mapped = values.get("data_columns", {})
    averaged = schema.AVERAGED and values.get("data_rows") == "people"
    if averaged and "outcome_base" in mapped and values.get("outcome_kind") not in (None, "count"):
        yield (
            "data_columns: outcome_base counts the answers behind an average, and with data_rows "
            "people they are counted from the rows. Take outcome_base out."
        )
    if values.get("data_rows") != "panel":
        return
    for role in schema.OF_PEOPLE:
        if role in mapped:
            yield (
                f"data_columns: {role} is read of people's answers only, and data_rows is panel, "
                "whose averages are made before. Weight the averages as they are made, and take "
                f"{role} out."
            )


def check_nothing_ignored(values: Values) -> Iterator[str]:
    """Refuse a value other than the default where the design would not read it."""
    schema, _ = roles_of(str(values["notebook"]))
    alternatives = values.get("alternatives", {})
    for name, (other, wanted) in READ_ONLY_WITH.items():
        if name not in schema.model_fields or not _has(values, name, other):
            continue
        if any(value in wanted for value in (values[other], *alternatives.get(other, []))):
            continue
        default = schema.model_fields[name].default
        for given in (values[name], *alternatives.get(name, [])):
            if given != default:
                yield (
                    f"{name}: given {show_value(given)}, but it is read only with {other} "
                    f"{' or '.join(wanted)}, and {other} is {values[other]}. "
                    f"Change {other}, or give {name} as {canonical_text(default)}."
                )
                break


def _has(values: Values, *names: str) -> bool:
    return all(name in values for name in names)
