"""Regress answers on the programme, age and deprivation, with trust and month effects, from sums.

Run as a process of its own, so that its memory can be told: it prints estimates and errors (by
trust, CR1) as JSON.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from evalkit.data.grouped_sums import average_all, multiply_by
from evalkit.data.relations import open_relation
from evalkit.fits.summed_rows import make_panel_of_sums
from evalkit.fits.two_way_effects import after_start, expose
from evalkit.inference.cluster_moments import solve_moments
from evalkit.inference.clustered import moment_covariance

KEYS = ["trust", "month"]
MEASURED = ["age", "deprived", "score"]
NAMES = ("programme", "age", "deprived")


def regress(path: Path, start: dict[str, float]) -> dict[str, list[float]]:
    """Return estimates and errors, in the order of `NAMES`, and the number of answers."""
    with open_relation(path.name, file=path) as relation:
        about = average_all(relation, MEASURED)
        sums = multiply_by(relation, KEYS, MEASURED, about)
    sums = sums.sort_values(KEYS, ignore_index=True)
    unit, trusts = pd.factorize(sums["trust"])
    month = sums["month"].str.split("-", expand=True).astype(int)
    panel = make_panel_of_sums(
        sums["rows"].to_numpy(),
        sums[[f"sum_{i}" for i in range(3)]].to_numpy(),
        np.stack(
            [
                [sums[f"product_{min(i, j)}_{max(i, j)}"].to_numpy() for i in range(3)]
                for j in range(3)
            ]
        ).transpose(2, 0, 1),
        unit,
        (month[0] * 12 + month[1] - 1).to_numpy(),
        np.array([start[trust] for trust in trusts]),
        np.arange(len(trusts)),
    )
    fit = solve_moments(expose(panel, after_start(panel.times, panel.start)))
    error = np.sqrt(np.diag(moment_covariance(fit)))
    at = [0, len(fit.coef) - 2, len(fit.coef) - 1]
    return {"estimate": fit.coef[at].tolist(), "error": error[at].tolist(), "n": [panel.n]}


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from scale.answers import start_of_trust

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("answers", type=Path)
    print(json.dumps(regress(parser.parse_args().answers, start_of_trust())))
