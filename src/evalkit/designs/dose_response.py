"""Dose-response: within the same units, does more go with better?

Compares: each unit with itself in periods of more and of less, the common changes of periods and
measured causes held fixed.
Estimates: the difference in the outcome `dose_lag` periods after the dose is `dose_step` more;
beside it, whether the line bends, whether it rises or falls all the way (bands of dose), and the
slope between units, which is no effect.
Must hold for more than association: nothing unmeasured moves the dose within a unit and the
outcome; the dose does not answer to the outcome (the lead should be nothing); straight and alike
in all units. Dose is not handed out by chance, so this design permits no causal verb.
Uncertainty: errors clustered, CR2 with Satterthwaite's degrees of freedom, above 200 clusters
CR1; below 40 a wild cluster bootstrap stands beside.
Sources: Wooldridge 2010 (Econometric Analysis of Cross Section and Panel Data, chapter 10);
Pustejovsky and Tipton 2018; Harrell 2015 (splines); Cinelli and Hazlett 2020 (unmeasured causes);
Griliches and Hausman 1986 (error in the dose).
"""

import pandas as pd

from evalkit.designs.dose_bands import tabulate_bands, tabulate_steps
from evalkit.designs.dose_effects import COLUMNS, list_effects
from evalkit.designs.dose_remarks import make_remarks
from evalkit.designs.dose_rows import take_rows
from evalkit.designs.dose_tables import (
    fit_shapes,
    straight_line,
    tabulate_bend_tests,
    tabulate_curve,
    tabulate_dose_error,
    tabulate_unmeasured,
    tabulate_variation,
)
from evalkit.results import Result
from evalkit.study.schemas.dose_response import DoseResponse


def estimate(table: pd.DataFrame, parameters: DoseResponse) -> Result:
    """Estimate the slope within units; `primary` is the straight one per `dose_step`.

    Raises AnalysisError where nothing can be compared: see `dose_rows`.
    """
    rows = take_rows(table, parameters)
    estimates = pd.DataFrame(list_effects(rows, parameters), columns=COLUMNS)
    slope, fitted = float(estimates["estimate"].iloc[0]), fit_shapes(rows)
    tables = {
        "dose_bands": tabulate_bands(rows, parameters),
        "dose_steps": tabulate_steps(rows, parameters, slope),
        "curve": tabulate_curve(rows, fitted, parameters),
        "bend_tests": tabulate_bend_tests(fitted),
        "dose_variation": tabulate_variation(rows),
        "dose_error": tabulate_dose_error(rows, slope),
        "unmeasured": tabulate_unmeasured(rows, parameters),
    }
    primary = {"term": "effect", "method": str(estimates["method"].iloc[0])}
    line = straight_line(rows, slope / parameters.dose_step)
    remarks = make_remarks(table, estimates, tables, line, parameters)
    return Result("dose_response", estimates, primary, tables=tables, remarks=remarks)
