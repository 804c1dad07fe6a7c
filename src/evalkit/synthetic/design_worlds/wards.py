"""Made-up wards over time: what a ward keeps, what all share, what drifts, and who answered."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.study.fields import FACETS
from evalkit.synthetic.series import autoregressive, score

PERSON_SD = 2.0
MEAN = 8.1
FIELDS: dict[str, tuple[str, str]] = {
    "ward": ("string", "Code of a made-up ward"),
    "ward_name": ("string", "Name of a made-up ward; always begins with Synthetic"),
    "trust": ("string", "Code of the made-up trust that the ward belongs to"),
    "quarter": ("string", "Calendar quarter, as 2021Q1"),
    "overall": ("number", "Overall patient experience, mean over patients, 0 to 10"),
    "relational": ("number", "How staff and patients dealt with each other, mean, 0 to 10"),
    "functional": ("number", "How the service worked, mean, 0 to 10"),
    "felt": ("number", "How care made people feel, mean, 0 to 10"),
    "respondents": ("integer", "Patients who answered"),
    "more_deprived": ("boolean", "Whether most patients live in more deprived areas"),
}


@dataclass(frozen=True, slots=True)
class DesignWorld:
    """One made-up table, as a study would read it, and the truth behind it."""

    name: str
    seed: int
    table: pd.DataFrame
    truth: dict[str, object]


@dataclass(frozen=True, slots=True)
class Wards:
    """Wards over periods before anybody did anything; arrays (periods, wards).

    `level` is true overall experience; `answers` how many patients are asked in each cell.
    """

    level: np.ndarray
    answers: np.ndarray
    trust: np.ndarray
    more_deprived: np.ndarray


def make_wards(
    rng: np.random.Generator,
    wards: int,
    periods: int,
    *,
    trusts: int = 12,
    ward_sd: float = 0.3,
    shared_sd: float = 0.03,
    drift_sd: float = 0.12,
    drift_correlation: float = 0.5,
    answers: float = 60.0,
) -> Wards:
    """Make wards whose experience differs, moves together a little, and drifts by itself."""
    shared = np.cumsum(rng.normal(0, shared_sd, (periods, 1)), axis=0)
    drift = autoregressive(rng, (periods, wards), drift_correlation, drift_sd)
    own = rng.normal(0, ward_sd, wards)
    return Wards(
        level=MEAN + shared + own + drift,
        answers=np.maximum(rng.poisson(answers, (periods, wards)), 31),
        trust=np.arange(wards) % trusts,
        more_deprived=rng.random(wards) < 0.4,
    )


def survey(
    rng: np.random.Generator,
    wards: Wards,
    effect: np.ndarray,
    shares: dict[str, float],
    labels: list[str],
    period: str = "quarter",
) -> pd.DataFrame:
    """Ask patients: each facet has `shares` of `effect` (periods, wards) on it, and its own noise.

    Returns one row a ward and period, sorted by ward and period; values rounded as published.
    """
    shape = wards.level.shape
    error = PERSON_SD / np.sqrt(wards.answers)
    together = rng.normal(size=shape)
    columns = _keys(wards, labels, period)
    for name in ("overall", *FACETS):
        own = np.sqrt(0.6) * together + np.sqrt(0.4) * rng.normal(size=shape)
        value = wards.level + shares.get(name, 1.0) * effect + own * error
        columns[name] = score(value)
    columns["respondents"] = wards.answers
    columns["more_deprived"] = np.broadcast_to(wards.more_deprived, shape)
    return flatten(columns)


def flatten(columns: dict[str, np.ndarray]) -> pd.DataFrame:
    """Stack arrays (periods, wards) into rows, sorted by ward and period."""
    return pd.DataFrame({name: values.T.ravel() for name, values in columns.items()})


def quarters(number: int, first_year: int = 2021) -> list[str]:
    """Label calendar quarters: `2021Q1`, `2021Q2`, ..."""
    return [f"{first_year + q // 4}Q{q % 4 + 1}" for q in range(number)]


def months(number: int, first_year: int = 2021) -> list[str]:
    """Label calendar months: `2021-01`, `2021-02`, ..."""
    return [f"{first_year + m // 12}-{m % 12 + 1:02d}" for m in range(number)]


def random_for(design: str, name: str, seed: int) -> np.random.Generator:
    """Return the generator that a design's world of this name and seed draws from."""
    return np.random.default_rng([seed, *f"{design}/{name}".encode()])


def _keys(wards: Wards, labels: list[str], period: str) -> dict[str, np.ndarray]:
    shape = wards.level.shape
    codes = np.array([f"WARD{number:03d}" for number in range(1, shape[1] + 1)])
    names = np.array([f"Synthetic Ward {number:03d}" for number in range(1, shape[1] + 1)])
    trusts = np.array([f"SYN{number + 1:03d}" for number in wards.trust])
    return {
        "ward": np.broadcast_to(codes, shape),
        "ward_name": np.broadcast_to(names, shape),
        "trust": np.broadcast_to(trusts, shape),
        period: np.broadcast_to(np.array(labels)[:, None], shape),
    }
