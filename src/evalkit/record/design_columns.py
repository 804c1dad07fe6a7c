"""What each column of designs' tables is: its words, its unit, and how exactly it may be told."""

from dataclasses import dataclass
from typing import Literal

from evalkit.study.schemas.design_study import DesignStudy

Measure = Literal["difference", "level", "step", "ratio", "share", "number", "whole"]
"""What a number is: in the outcome's units or on its scale, in the dose's, or without a unit."""

DECIMALS: dict[Measure, int] = {
    "difference": 3,
    "level": 2,
    "step": 1,
    "ratio": 3,
    "share": 2,
    "number": 3,
    "whole": 0,
}
PERCENTAGE_POINTS = "percentage point"


@dataclass(frozen=True, slots=True)
class Meaning:
    """A column's words and what its numbers are; without `measure`, a number without a unit."""

    label: str
    measure: Measure = "number"
    decimals: int | None = None
    unit: str | None = None

    @property
    def places(self) -> int:
        """Decimals at which the column may be released."""
        return DECIMALS[self.measure] if self.decimals is None else self.decimals


_LOW, _HIGH = "Lower end of interval", "Upper end of interval"
_SINCE = Meaning("Periods since the start", "whole")

MEANINGS: dict[str, Meaning] = {
    "label": Meaning("What it is"),
    "estimate": Meaning("Difference", "difference"),
    "difference": Meaning("Difference", "difference"),
    "effect": Meaning("Difference", "difference"),
    "std_error": Meaning("Standard error", "difference"),
    "conf_low": Meaning(_LOW, "difference"),
    "conf_high": Meaning(_HIGH, "difference"),
    "difference_low": Meaning("Lower end of the difference's interval", "difference"),
    "difference_high": Meaning("Upper end of the difference's interval", "difference"),
    "lower_end": Meaning(_LOW, "difference"),
    "upper_end": Meaning(_HIGH, "difference"),
    "interval_low": Meaning(_LOW),
    "interval_high": Meaning(_HIGH),
    "band_low": Meaning("Lower end of band for all periods", "difference"),
    "band_high": Meaning("Upper end of band for all periods", "difference"),
    "imputed": Meaning("Difference, imputed from all periods before", "difference"),
    "by_way_of_the_mediator": Meaning("By way of the mediator", "difference"),
    "not_by_way_of_it": Meaning("Not by way of it", "difference"),
    "residual": Meaning("What the model leaves over", "difference"),
    "pre_rmspe": Meaning("Usual distance before the start", "difference"),
    "rmspe_ratio": Meaning("Distance after the start, as a multiple of that before", decimals=2),
    "mean": Meaning("Average", "level"),
    "mean_outcome": Meaning("Average if all were in the band", "level"),
    "observed": Meaning("As it was", "level"),
    "fitted": Meaning("By the model", "level"),
    "counterfactual": Meaning("Expected without it", "level"),
    "counterfactual_low": Meaning("Lower end of what was expected", "level"),
    "counterfactual_high": Meaning("Upper end of what was expected", "level"),
    "dose": Meaning("Dose", "step"),
    "level": Meaning("Level of interval", "share"),
    "df": Meaning("Degrees of freedom of the interval", decimals=1),
    "interval_df": Meaning("Degrees of freedom of the interval", decimals=1),
    "p_value": Meaning("p-value"),
    "p_holm": Meaning("p-value, allowing for several comparisons (Holm)"),
    "p_romano_wolf": Meaning("p-value, allowing for several comparisons (Romano and Wolf)"),
    "compared": Meaning("How they were compared"),
    "drawn": Meaning("Drawn towards the others", "difference"),
    "drawn_low": Meaning("Lower end of that", "difference"),
    "drawn_high": Meaning("Upper end of that", "difference"),
    "p_value_by_itself": Meaning("p-value, every period by itself"),
    "p_value_carrying_over": Meaning("p-value, once carrying over is allowed for"),
    "every_period_by_itself": Meaning("Every period by itself", decimals=2),
    "carrying_over": Meaning("Once carrying over is allowed for", decimals=2),
    "correlation": Meaning("Correlation that it makes", decimals=1),
    "assumed_true_share": Meaning("Share that is true, assumed", "share"),
    "true_share_left": Meaning("Of what is compared, share that is true", "share"),
    "share_of_dose": Meaning("Share of the dose that it explains", "share"),
    "share_of_outcome": Meaning("Share of the outcome that it explains", "share"),
    "that_started": Meaning("When those started"),
    "breakdown": Meaning("Up to here the interval leaves out zero", decimals=2),
    "restriction": Meaning("What is allowed"),
    "bound": Meaning("How much of it", decimals=2),
    "periods": Meaning("Periods", "whole"),
    "periods_before": Meaning("Periods before the start", "whole"),
    "periods_since": Meaning("Periods from the start on", "whole"),
    "period": Meaning("Period", "whole"),
    "rank": Meaning("Rank", "whole"),
    "fewest": Meaning("Clusters that count", "whole"),
    "needed": Meaning("Clusters needed", "whole"),
    "enough": Meaning("Are they enough"),
    "start": Meaning("First period with it"),
    "cohort": Meaning("First period with it"),
    "treated": Meaning("With the intervention"),
    "treated_units": Meaning("Units with it"),
    "multiple": Meaning("Multiple of the bandwidth chosen", decimals=2),
    "bandwidth": Meaning("Bandwidth", decimals=2),
    "left_out_within": Meaning("Left out within", decimals=2),
    "middle": Meaning("Middle of the band", decimals=1),
    "window": Meaning("Within", decimals=2),
    "n_short": Meaning("People just short of it"),
    "n_beyond": Meaning("People just beyond it"),
    "density_short": Meaning("Density just short of it"),
    "density_beyond": Meaning("Density just beyond it"),
    "path": Meaning("Path"),
    "path_low": Meaning(_LOW),
    "path_high": Meaning(_HIGH),
    "size": Meaning("Size"),
    "missing": Meaning("Rows without an outcome", "whole"),
    "missing_share": Meaning("Share of rows filled in", "share"),
    "fraction_missing": Meaning("Share of what all would tell that was lost", "share"),
}
"""Columns that are told alike in every table; a name that is not here is told as it is written."""

_DEVIATIONS = "standard deviations"
_POINTS = "percentage points"

IN_TABLES: dict[str, dict[str, Meaning]] = {
    "event_study": {"period": _SINCE},
    "rollout": {"cluster": Meaning("Cluster or group")},
    "honest_did": {"average": Meaning("Effect in")},
    "exposure_time": {"period": _SINCE},
    "second_opinion": {"period": _SINCE, "estimate": Meaning("Difference, as above", "difference")},
    "by_period": {"period": Meaning("Period")},
    "baseline": {"estimate": Meaning("How far apart", "difference")},
    "ratios": {
        "estimate": Meaning("Ratio", "ratio"),
        "conf_low": Meaning(_LOW, "ratio"),
        "conf_high": Meaning(_HIGH, "ratio"),
    },
    "odds": {
        "estimate": Meaning("Ratio", "ratio"),
        "conf_low": Meaning(_LOW, "ratio"),
        "conf_high": Meaning(_HIGH, "ratio"),
    },
    "dose_bands": {
        "conf_low": Meaning("Lower end of the average's interval", "level"),
        "conf_high": Meaning("Upper end of the average's interval", "level"),
        "difference": Meaning("Difference from the lowest band", "difference"),
    },
    "jumps_of_causes": {
        "difference": Meaning("Difference", "difference", unit=_DEVIATIONS),
        "lower_end": Meaning(_LOW, "difference", unit=_DEVIATIONS),
        "upper_end": Meaning(_HIGH, "difference", unit=_DEVIATIONS),
    },
    "take_up": {
        "difference": Meaning("Difference in take-up", decimals=1, unit=_POINTS),
        "lower_end": Meaning(_LOW, decimals=1, unit=_POINTS),
        "upper_end": Meaning(_HIGH, decimals=1, unit=_POINTS),
    },
    "balance": {
        "cause": Meaning("Measured cause"),
        "difference_before": Meaning("Apart as they are", decimals=2, unit=_DEVIATIONS),
        "difference_after": Meaning("Apart as they are compared", decimals=2, unit=_DEVIATIONS),
    },
    "groups_compared": {
        "cause": Meaning("Measured cause"),
        "average": Meaning("Average as it is", decimals=2),
        "average_compared": Meaning("Average as it is compared", decimals=2),
    },
    "sample": {
        "effective_n": Meaning("As many would tell as much", "whole"),
        "worth_percent": Meaning("Share that is", decimals=0, unit="%"),
    },
    "overlap": {
        "lowest": Meaning("End of the lowest twentieth", decimals=0, unit="%"),
        "low": Meaning("End of the lowest quarter", decimals=0, unit="%"),
        "middle": Meaning("Middle", decimals=0, unit="%"),
        "high": Meaning("Start of the highest quarter", decimals=0, unit="%"),
        "highest": Meaning("Start of the highest twentieth", decimals=0, unit="%"),
    },
    "without_each": {
        "left_out": Meaning("Left out"),
        "estimate": Meaning("Difference without it", "difference"),
        "change": Meaning("Less the difference with it", "difference"),
    },
    "hidden_cause": {
        "commoner_by": Meaning("Commoner among those with it by", "whole", unit=_POINTS),
        "effect_that_leaves_unsure": Meaning(
            "Must move the outcome to leave it unsure by", "difference"
        ),
        "effect_that_leaves_nothing": Meaning("To be all of the difference by", "difference"),
    },
    "e_value": {
        "of": Meaning("Of what"),
        "risk_ratio": Meaning("As a risk ratio", decimals=2),
        "strength": Meaning("E-value", decimals=2),
    },
    "paths": {"lower_end": Meaning(_LOW), "upper_end": Meaning(_HIGH)},
    "reverse_paths": {"lower_end": Meaning(_LOW), "upper_end": Meaning(_HIGH)},
    "imputation": {
        "missing_share": Meaning("Rows filled in", decimals=0, unit="%"),
        "fraction_missing": Meaning("Lost of what all would tell", decimals=0, unit="%"),
    },
    "regression_to_the_mean": {"value": Meaning("Value", "difference")},
    "placebos": {"effect": Meaning("Difference as if it had had it", "difference")},
    "placebo_time": {"effect": Meaning("Difference at a start that never was", "difference")},
    "leave_one_out": {"effect": Meaning("Difference without it", "difference")},
    "measured": {
        "coverage": Meaning("Intervals that held the truth", decimals=1, unit="%"),
        "coverage_error": Meaning("Simulation error of that", decimals=1, unit="%"),
        "excludes_zero": Meaning("Intervals that left out zero", decimals=1, unit="%"),
        "error_share": Meaning("Error shown, of the real one", decimals=1, unit="%"),
        "simulations": Meaning("Made-up studies", "whole"),
    },
}
"""Columns that mean something of their own in one table."""

_BASES = {
    "count": "What the rate is out of",
    "number": "Number behind it",
}


def meaning_of(table: str, column: str) -> Meaning:
    """Say what a column of a table is, by its name."""
    own = IN_TABLES.get(table, {}).get(column)
    words = column.replace("_", " ")
    return own or MEANINGS.get(column) or Meaning(words[:1].upper() + words[1:])


def unit_of(meaning: Meaning, parameters: DesignStudy) -> str:
    """Name the unit of a column's numbers; nothing where they have none."""
    if meaning.unit is not None:
        return meaning.unit
    if meaning.measure == "difference":
        return parameters.outcome_unit
    if meaning.measure == "level":
        return level_unit(parameters)
    return str(getattr(parameters, "dose_unit", "")) if meaning.measure == "step" else ""


def level_unit(parameters: DesignStudy) -> str:
    """Name the unit of the outcome itself: differences of percentages are points, these are not."""
    unit = parameters.outcome_unit
    return "%" if unit.startswith(PERCENTAGE_POINTS) else unit


def base_label(parameters: DesignStudy) -> str:
    """Name what stands behind an outcome: who answered, or what events are counted out of."""
    return _BASES.get(parameters.outcome_kind, "People who answered")
