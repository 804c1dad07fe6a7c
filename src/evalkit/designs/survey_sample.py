"""How a survey drew the people of a table, where its columns say so, and what follows.

`stratum` and `sampling_unit` (the first stage's) say who was drawn together; `weight` how many
people a row speaks for. With either of the two an interval is of how people were drawn: it holds
for the population that the survey was drawn from (`fits.survey_design`). Rows that are not used
keep their place with no weight, so that each sampling unit stays in its stratum.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.fits.survey_design import SurveyDesign, linearised_cov, make_survey_design
from evalkit.inference.arrays import Flags, Floats
from evalkit.results.words import counted
from evalkit.study.schemas.surveyed_study import SurveyedStudy

LINEARISED = "linearised"
"""Method of a row whose interval follows how people were drawn."""

SINGLE = {
    "refuse": "",
    "adjust": " A stratum with one sampling unit adds its distance from the mean of all.",
    "certainty": " A stratum with one sampling unit adds nothing, as if drawn for certain.",
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """The design over all rows (n,) of a table, and which of them (n,) an estimate uses."""

    design: SurveyDesign
    used: Flags

    def error(self, influence: Floats) -> float:
        """Standard error from the influence (m,) of the rows that are used."""
        every = np.zeros(len(self.used))
        every[self.used] = influence
        return float(np.sqrt(linearised_cov(every, self.design)[0, 0]))

    def unit_of_used(self) -> "np.ndarray":
        """Codes (m,) of the sampling units of the rows that are used, from 0."""
        return np.unique(self.design.unit[self.used], return_inverse=True)[1]


def is_drawn(table: pd.DataFrame) -> bool:
    """Say whether a table's columns say how people were drawn."""
    return "stratum" in table or "sampling_unit" in table


def read_drawn(
    table: pd.DataFrame, weight: Floats, used: Flags, parameters: SurveyedStudy
) -> Drawn | None:
    """Read the survey's design, `weight` (n,) in it where a row is `used` (n,); None if none is.

    Without `sampling_unit` the cluster was drawn where one is mapped or rows are a panel's, and
    otherwise each person alone. Raises AnalysisError for rows without a code, and for strata of
    one sampling unit unless the study says what to do.
    """
    if not is_drawn(table):
        return None
    _refuse_uncoded(table)
    design = make_survey_design(
        np.where(used, weight, 0.0),
        stratum=table["stratum"].to_numpy(str) if "stratum" in table else None,
        unit=_units(table, parameters),
        lonely=parameters.single_unit_strata,
    )
    if design.df < 1:
        raise AnalysisError(
            "sampling_unit: no more of them than strata, so nothing shows how far they differ. "
            "Give more, or map no stratum."
        )
    return Drawn(design, used)


def say_drawn(drawn: Drawn, df: float, parameters: SurveyedStudy) -> str:
    """Say in words that the interval follows how people were drawn, and of whom it then is."""
    strata = counted(len(np.unique(drawn.design.stratum)), "stratum").replace("stratums", "strata")
    units = counted(len(np.unique(drawn.design.unit)), "sampling unit")
    return (
        f"The interval follows how the survey drew its people: {units} in {strata}, "
        f"{df:.0f} degrees of freedom (Taylor linearisation). It is about the population that they "
        f"were drawn from.{SINGLE[parameters.single_unit_strata]}"
    )


def say_nested(table: pd.DataFrame) -> list[str]:
    """Say what strata and sampling units do where an interval rests on whole clusters.

    Raises AnalysisError where a sampling unit reaches over clusters.
    """
    if not is_drawn(table):
        return []
    _refuse_uncoded(table)
    if "sampling_unit" in table:
        keys = [name for name in ("stratum", "sampling_unit") if name in table]
        clusters = table.groupby(keys, observed=True, sort=False)["cluster"].nunique()
        over = int((clusters > 1).sum())
        if over:
            raise AnalysisError(
                f"sampling_unit: {over} of {len(clusters)} reach over more than one cluster, and "
                "the interval takes clusters to vary by themselves. Map as cluster what holds "
                "whole sampling units."
            )
    strata = (
        " The interval makes no use of strata, which leaves it too wide rather than too narrow."
        if "stratum" in table
        else ""
    )
    return [
        "Who had the intervention was settled by cluster, so the interval rests on clusters, which "
        f"hold whole sampling units of the survey.{strata}"
    ]


def _units(table: pd.DataFrame, parameters: SurveyedStudy) -> "np.ndarray | None":
    if "sampling_unit" in table:
        return table["sampling_unit"].to_numpy(str)
    whole = "cluster" in parameters.data_columns or parameters.data_rows == "panel"
    return table["cluster"].to_numpy(str) if whole else None


def _refuse_uncoded(table: pd.DataFrame) -> None:
    for role in ("stratum", "sampling_unit"):
        gaps = int(table[role].isna().sum()) if role in table else 0
        if gaps:
            raise AnalysisError(
                f"{role}: {counted(gaps, 'row')} of {len(table):,} have none. Give each row the "
                "one that it was drawn in."
            )
