"""Make discontinuity.csv and discontinuity.json with rdrobust 2.1.1 and rddensity 3.0.

The two packages are not the project's: run this in an environment of their own,
`pip install rdrobust==2.1.1 rddensity==3.0`, then `python discontinuity_oracle.py`.
"""

import argparse
import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
FIXED = {"h": 0.4, "b": 0.6}
EXACT = 1e-6
NEARLY = 0.01
"""rddensity counts the error of the shares slightly otherwise."""


def make_table() -> pd.DataFrame:
    """Make 800 people: a score, its rounded form, an outcome, take-up and an earlier value."""
    rng = np.random.default_rng(20)
    score = np.round(2 * rng.beta(2, 3, 800) - 1, 4)
    earlier = rng.normal(size=800)
    takeup = rng.uniform(size=800) < np.where(score >= 0, 0.8, 0.15)
    outcome = 5 + score - 0.8 * score**2 + 0.5 * (score >= 0) + 0.4 * takeup + 0.6 * earlier
    outcome = np.round(outcome + rng.normal(size=800), 4)
    rounded = np.floor(score * 20) / 20
    columns = {"score": score, "rounded": rounded, "outcome": outcome}
    return pd.DataFrame({**columns, "takeup": takeup.astype(int), "earlier": earlier.round(4)})


def values_of(name: str, fit: object) -> list[dict[str, float | str]]:
    """Store the conventional and the robust row, and the bandwidths."""
    coef, error = fit.coef.to_numpy().ravel(), fit.se.to_numpy().ravel()
    limits = fit.ci.to_numpy()
    h, b = fit.bws.to_numpy()[:, 0]
    rows = [
        {"name": f"{name}:conventional", "estimate": coef[0], "se": error[0]},
        {
            "name": f"{name}:robust",
            "estimate": coef[2],
            "se": error[2],
            "ci_low": limits[2, 0],
            "ci_high": limits[2, 1],
        },
        {"name": f"{name}:bandwidth", "estimate": h},
        {"name": f"{name}:bias_bandwidth", "estimate": b},
    ]
    return [{**row, "tol_rel": EXACT} for row in rows]


def density_values(score: np.ndarray) -> list[dict[str, float | str]]:
    """Store densities either side of the threshold, and the error of their difference."""
    from rddensity import rddensity

    fit = rddensity(score, c=0, h=[0.4, 0.4])
    return [
        {"name": "density:below", "estimate": fit.hat["left"], "tol_rel": EXACT},
        {"name": "density:above", "estimate": fit.hat["right"], "tol_rel": EXACT},
        {"name": "density:error", "estimate": fit.sd_jk["diff"], "tol_rel": NEARLY},
    ]


def main() -> None:
    """Write the table and the values."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    from rdrobust import rdrobust

    table = make_table()
    table.to_csv(HERE / "discontinuity.csv", index=False)
    x, y = table["score"].to_numpy(), table["outcome"].to_numpy()
    takeup = table["takeup"].to_numpy(float)
    weights = 3 - table["earlier"].clip(-2, 2).to_numpy()
    few, repeated = table[:60], table[440:560]
    fits = {
        "sharp": rdrobust(y, x),
        "fixed": rdrobust(y, x, **FIXED),
        "fuzzy": rdrobust(y, x, fuzzy=takeup, sharpbw=True),
        "covariate": rdrobust(y, x, covs=table[["earlier"]].to_numpy(), **FIXED),
        "rounded": rdrobust(y, table["rounded"].to_numpy()),
        "few": rdrobust(few["outcome"].to_numpy(), few["score"].to_numpy()),
        "repeated": rdrobust(repeated["outcome"].to_numpy(), repeated["rounded"].to_numpy()),
        "weighted": rdrobust(y, x, weights=weights),
        "weighted_fuzzy": rdrobust(y, x, fuzzy=takeup, sharpbw=True, weights=weights),
    }
    values = [row for name, fit in fits.items() for row in values_of(name, fit)]
    content = {
        "job": "discontinuity",
        "source": "Python packages of the method's authors",
        "datasets": ["discontinuity.csv"],
        "software": {name: version(name) for name in ("rdrobust", "rddensity")},
        "script": Path(__file__).name,
        "note": "triangular kernel, local linear, one MSE-optimal bandwidth, 3 nearest neighbours",
        "values": [*values, *density_values(x)],
    }
    (HERE / "discontinuity.json").write_text(json.dumps(content, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
