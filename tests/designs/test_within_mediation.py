"""Mediation within trusts: recovery, an independent second opinion, sensitivity, refusal."""

import numpy as np
import pandas as pd
import pytest

from evalkit.designs import second_opinion, within_mediation
from evalkit.errors import AnalysisError
from evalkit.results import pick_row
from evalkit.study.schema import StaffWellbeing


def mediated_panel(
    seed: int, *, noise_sd: float = 0.0, confounder: float = 0.0, shared: float = 0.0
) -> pd.DataFrame:
    """Make a panel with path a = 2, path b = 0.5 and a direct effect of 1.

    `shared` is the correlation of the two scores' noises.
    """
    rng = np.random.default_rng(seed)
    trusts, periods = 150, 8
    shape = (periods, trusts)
    level, hidden = rng.normal(size=trusts), rng.normal(size=shape)
    x = level + rng.normal(size=shape)
    m = 2 * x + 3 * level + rng.normal(size=shape) + confounder * hidden
    y = x + 0.5 * m - 2 * level + rng.normal(size=shape) + confounder * hidden
    noise = rng.normal(size=(2, *shape))
    noise[1] = shared * noise[0] + np.sqrt(1 - shared**2) * noise[1]
    panel = pd.DataFrame(
        {
            "unit": np.tile([f"T{i:03d}" for i in range(trusts)], periods),
            "time": np.repeat(np.arange(periods), trusts),
            "exposure": (x + noise_sd * noise[0]).ravel(),
            "exposure_variance": noise_sd**2,
            "mediator": (m + noise_sd * noise[1]).ravel(),
            "mediator_variance": noise_sd**2,
            "outcome": y.ravel(),
            "outcome_variance": 0.0,
        }
    )
    return panel.assign(period=(2001 + panel["time"]).astype(str))


@pytest.mark.parametrize("noise_sd", [0.0, 0.5])
def test_paths_are_recovered(simple: StaffWellbeing, noise_sd: float) -> None:
    """Each path's interval holds its true value, with and without noise in the scores."""
    table = within_mediation.estimate(mediated_panel(4, noise_sd=noise_sd), simple).estimates
    truth = {"a": 2.0, "b": 0.5, "indirect": 1.0, "direct": 1.0, "total": 2.0, "share": 0.5}
    for path, value in truth.items():
        row = pick_row(table, path=path)
        assert row["conf_low"] < value < row["conf_high"], path
        assert row["conf_high"] - row["conf_low"] < 0.6, path


@pytest.mark.parametrize(("assumed", "holds"), [(-0.8, True), (0.0, False)])
def test_noise_shared_by_both_scores(simple: StaffWellbeing, assumed: float, holds: bool) -> None:
    """Both scores share answers: only with their correlation is path b on the truth."""
    parameters = simple.model_copy(update={"mediator_noise_correlation": assumed})
    found = [
        pick_row(
            within_mediation.estimate(
                mediated_panel(s, noise_sd=0.7, shared=-0.8), parameters
            ).estimates,
            path="b",
        )["estimate"]
        for s in range(30)
    ]
    error = np.std(found, ddof=1) / np.sqrt(len(found))
    assert (abs(np.mean(found) - 0.5) < 3.3 * error) == holds


def test_a_mediator_of_noise_is_not_estimated(simple: StaffWellbeing) -> None:
    """Where the mediator moves mostly by noise, nothing is said of how an effect is carried."""
    panel = mediated_panel(11)
    assert within_mediation.can_estimate(panel, simple)
    noisy = mediated_panel(11, noise_sd=0.1).assign(mediator_variance=0.8)
    assert not within_mediation.can_estimate(noisy, simple)
    assert second_opinion.tabulate_mediation(noisy, simple).empty


def test_pingouin_agrees_without_noise(simple: StaffWellbeing) -> None:
    """Without noise to remove, indirect, direct and total equal pingouin's."""
    panel = mediated_panel(5)
    table = second_opinion.tabulate_mediation(panel, simple).set_index("path")
    both = table.loc[["indirect", "direct", "total"]]
    np.testing.assert_allclose(both["estimate"], both["without_correction"], rtol=1e-8)


def test_indirect_and_direct_add_up(simple: StaffWellbeing) -> None:
    """The total is the sum of its two parts, and the share is their ratio."""
    rows = within_mediation.estimate(mediated_panel(6), simple).estimates.set_index("path")
    estimate = rows["estimate"]
    assert estimate["total"] == pytest.approx(estimate["indirect"] + estimate["direct"])
    assert estimate["share"] == pytest.approx(estimate["indirect"] / estimate["total"])


def test_same_seed_same_interval(simple: StaffWellbeing) -> None:
    """The bootstrap is seeded by the study's seed alone."""
    panel = mediated_panel(7)
    first, again = (within_mediation.estimate(panel, simple).estimates for _ in range(2))
    pd.testing.assert_frame_equal(first, again)


def test_vanishing_correlation_by_construction(simple: StaffWellbeing) -> None:
    """Given the exposure, mediator and outcome correlate by 0.5 / sqrt(1.25): path b's strength."""
    found = within_mediation.vanishing_correlation(mediated_panel(8), simple)
    assert found == pytest.approx(0.5 / np.sqrt(1.25), abs=0.06)


def test_hidden_cause_biases_the_path(simple: StaffWellbeing) -> None:
    """A cause of both mediator and outcome inflates path b, as the check warns."""
    table = within_mediation.estimate(mediated_panel(9, confounder=1.0), simple).estimates
    assert pick_row(table, path="b")["conf_low"] > 0.8


def test_no_mediator_is_refused(simple: StaffWellbeing) -> None:
    """Without a mapped mediator the message says how to map one; the table is empty."""
    panel = mediated_panel(10).drop(columns=["mediator", "mediator_variance"])
    with pytest.raises(AnalysisError, match="Map the role mediator"):
        within_mediation.estimate(panel, simple)
    assert second_opinion.tabulate_mediation(panel, simple).empty


def test_correlation_between_trusts_by_hand(simple: StaffWellbeing) -> None:
    """Three trusts on a line correlate by 1; the interval is Fisher's."""
    panel = pd.DataFrame(
        {
            "unit": [f"T{i}" for i in range(12)],
            "exposure": np.arange(12.0),
            "outcome": np.arange(12.0) % 4 + np.arange(12.0),
        }
    )
    row = second_opinion.correlate_between(panel, simple).iloc[0]
    assert row["r"] == pytest.approx(np.corrcoef(panel["exposure"], panel["outcome"])[0, 1])
    half = 1.959964 / np.sqrt(9)
    assert row["conf_low"] == pytest.approx(np.tanh(np.arctanh(row["r"]) - half), abs=1e-6)
    assert row["n"] == 12
