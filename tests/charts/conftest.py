"""Small tables as the study stages them, with the options of their charts."""

from collections.abc import Iterator
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pytest

LEVEL = 0.95
Case = tuple[pd.DataFrame, dict[str, Any]]
OUTCOME: dict[str, Any] = {
    "outcome_name": "experience",
    "outcome_unit": "points",
    "step": "when engagement is 0.15 higher",
    "minimum_important_difference": 0.2,
    "decimals": 2,
}
OVER_TIME: dict[str, Any] = {
    "exposure_name": "engagement",
    "exposure_unit": "points",
    "outcome_name": "experience",
    "outcome_unit": "points",
    "decimals": 2,
}


def _estimates(rows: list[tuple[Any, float, float, float]], key: str) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=[key, "estimate", "conf_low", "conf_high"])
    return frame.assign(level=LEVEL, term="exposure")


def _group_differences() -> pd.DataFrame:
    """Groups beside everybody else, one of them too small to be estimated."""
    nan = float("nan")
    return pd.DataFrame(
        {
            "dimension": ["Sex", "Sex", "Age"],
            "group": ["female", "male", "Not known"],
            "difference": [-0.31, 0.31, nan],
            "difference_low": [-0.42, 0.2, nan],
            "difference_high": [-0.2, 0.42, nan],
        }
    )


def _sites() -> pd.DataFrame:
    """Three sites, one too small to be estimated, all pooled, and a new one."""
    nan = float("nan")
    rows = [
        ("Trust A", 0.12, 0.02, 0.22),
        ("Trust B", 0.31, 0.18, 0.44),
        ("Trust C", nan, nan, nan),
        ("All sites, pooled", 0.2, 0.05, 0.35),
        ("A new site like these", 0.2, -0.1, 0.5),
    ]
    return _estimates(rows, "label").assign(term=["site"] * 3 + ["pooled", "new_site"])


def _convergence() -> pd.DataFrame:
    """Two themes over three sources: one in dissonance, one silent."""
    cells = [
        ("Waiting", "survey", "reference", 3),
        ("Waiting", "comments", "dissonance", 2),
        ("Waiting", "stories", "agreement", 3),
        ("Going home", "survey", "reference", 3),
        ("Going home", "comments", "silence", 2),
        ("Going home", "stories", "partial", 1),
    ]
    return pd.DataFrame(cells, columns=["theme", "source", "code", "coders"])


def _journey_grid() -> pd.DataFrame:
    """Two moments in two facets: one poorer, one better, one withheld and one not measured."""
    return pd.DataFrame(
        {
            "touchpoint": ["T03", "T03", "T10", "T10"],
            "moment": ["Waiting", "Waiting", "Discharge", "Discharge"],
            "facet": ["relational", "functional", "relational", "functional"],
            "score": [8.25, 6.5, float("nan"), float("nan")],
            "place": [
                "better than the rest",
                "poorer than the rest",
                "not clearly different",
                "not measured",
            ],
        }
    )


def _emotional_map() -> pd.DataFrame:
    """Patients and staff at two moments, one of them of too few people to be shown."""
    nan = float("nan")
    return pd.DataFrame(
        {
            "touchpoint": ["T03", "T03", "T10", "T10"],
            "moment": ["Waiting", "Waiting", "Discharge", "Discharge"],
            "role": ["patient", "staff", "patient", "staff"],
            "median": [-1.25, 0.5, -0.75, nan],
            "lower": [-1.75, 0.25, -1.0, nan],
            "upper": [-0.25, 0.75, -0.5, nan],
        }
    )


def _process_rows() -> pd.DataFrame:
    """Two measures within their limits: one with an unusual last point, one withheld in part."""
    nan = float("nan")
    shared = {"period": ["2023-11", "2023-12", "2024-01"], "mean": 50.0, "lower": 44.0}
    rows = [
        pd.DataFrame(
            {
                "programme": "maternity",
                "measure": "asked",
                "icons": "H better; ? hit and miss",
                "value": [49.0, 51.0, 58.0],
                "kind": ["Usual variation", "Usual variation", "Unusual, for the better"],
            }
            | shared
        ),
        pd.DataFrame(
            {
                "programme": "discharge",
                "measure": "called at home",
                "icons": "~ usual; F expected to miss it",
                "value": [49.0, nan, nan],
                "kind": "Usual variation",
            }
            | shared
        ),
    ]
    return pd.concat(rows, ignore_index=True).assign(upper=56.0)


def _cost_effect_plane() -> pd.DataFrame:
    """Four quarters with their shares, one of them withheld."""
    quarters = ["better and cheaper", "better and dearer", "worse and cheaper", "worse and dearer"]
    ends = {"gain": 0.33, "gain_low": 0.06, "gain_high": 0.66}
    costs = {"cost": 25.28, "cost_low": 25.0, "cost_high": 25.61, "level": LEVEL}
    shares = {"quadrant": quarters, "probability": [0.0, 97.0, float("nan"), 3.0]}
    return pd.DataFrame(shares).assign(**ends, **costs)


def _acceptability() -> pd.DataFrame:
    """Chances over three prices, those of all costs withheld."""
    nan = float("nan")
    return pd.DataFrame(
        {"price": [0.0, 8.0, 40.0], "probability": [0.0, 51.0, 98.0], "probability_all": nan}
    )


@pytest.fixture
def cases() -> dict[str, Case]:
    """Return each chart's table and options: cells withheld, and one interval very wide."""
    nan = float("nan")
    methods = _estimates(
        [
            ("pooled", 0.21, 0.16, 0.27),
            ("between", 0.24, -9.0, 9.5),
            ("within", 0.05, -0.01, 0.12),
            ("first_difference", nan, nan, nan),
        ],
        "method",
    ).assign(label=["All together", "Trust by trust", "Each with itself", "Change on change"])
    facets = _estimates([("overall", -0.25, -0.29, -0.21), ("felt", 0.1, nan, nan)], "facet")
    groups = _estimates(
        [
            ("london:yes", 0.08, 0.02, 0.14),
            ("london:no", 0.05, 0.01, 0.09),
            ("london:difference", 0.03, -0.04, 0.1),
        ],
        "group",
    )
    timing = _estimates(
        [(1, 0.09, 0.03, 0.15), (-1, 0.01, -0.05, 0.07), (0, nan, nan, nan), (2, 0.4, 0.3, 0.5)],
        "period",
    )
    trend = pd.DataFrame(
        {
            "period": ["2021", "2022", "2023", "2024"],
            "exposure": [6.81, nan, 6.95, 6.9],
            "outcome": [8.1, 8.05, 7.9, 8.0],
        }
    )
    quality = pd.DataFrame(
        {
            "measure": ["Engagement", "Experience"],
            "sd_between": [0.29, 0.32],
            "sd_within": [0.13, nan],
        }
    )
    effects = _estimates([("one", 0.2, 0.1, 0.3), ("two", nan, nan, nan)], "method").assign(
        label=["With controls", "Second opinion"]
    )
    event_study = _estimates(
        [(-2, 0.01, -0.1, 0.12), (0, 0.2, 0.05, 0.35), (1, 0.4, 0.2, 0.6), (-3, nan, nan, nan)],
        "period",
    ).assign(band_low=[-0.2, 0.0, 0.1, nan], band_high=[0.2, 0.4, 0.7, nan])
    lines = pd.DataFrame(
        {
            "period": ["2021", "2022", "2021", "2022"],
            "group": ["with", "with", "without", "without"],
            "mean": [8.0, 8.4, 7.9, nan],
        }
    )
    dose_curve = pd.DataFrame(
        {
            "shape": ["linear", "linear", "spline", "spline"],
            "dose": [14.5, 26.25, 14.5, 26.25],
            "difference": [-0.25, 0.125, -0.375, nan],
            "conf_low": [-0.375, 0.0, -0.5, nan],
            "conf_high": [-0.125, 0.25, -0.25, nan],
        }
    )
    rollout = pd.DataFrame(
        {
            "cluster": ["SYN1", "SYN1", "SYN2", "SYN2"],
            "period": ["2021", "2022", "2021", "2022"],
            "treated": [False, True, False, False],
            "n": [120, 118, 97, 101],
        }
    )
    power = pd.DataFrame(
        {
            "units": [20, 20, 20, 40, 40],
            "size": [0.0, 0.25, 0.5, 0.25, 0.5],
            "power": [5.25, 62.5, 98.75, 88.25, nan],
            "power_error": [1.5, 2.5, 0.75, 1.25, nan],
        }
    )
    shares = pd.DataFrame(
        {
            "label": ["Timeliness of care", "Parking", "Discharge"],
            "estimate": [14.25, 1.25, nan],
            "conf_low": [12.0, 0.75, nan],
            "conf_high": [16.25, 1.95, nan],
            "level": LEVEL,
        }
    )
    process = pd.DataFrame(
        {
            "period": ["2021", "2022", "2023", "2024"],
            "value": [80.25, nan, 82.75, 86.5],
            "mean": 81.5,
            "lower": 78.25,
            "upper": [84.75, 84.75, 84.75, 85.25],
            "kind": ["Usual variation"] * 3 + ["Unusual, for the better"],
        }
    )
    threshold = pd.DataFrame(
        {
            "side": ["not offered", "not offered", "offered", "offered"],
            "middle": [46.0, 49.0, 51.0, 54.0],
            "mean": [6.4, 6.25, 7.05, nan],
            "fitted": [nan, 6.2, 7.1, nan],
        }
    )
    balance = pd.DataFrame(
        {
            "cause": ["hours of care", "earlier experience", "age", "deprivation"],
            "difference_before": [0.71, -0.53, 0.05, nan],
            "difference_after": [0.02, -0.12, 0.01, 0.0],
        }
    )
    specifications = _estimates(
        [("rows", 0.2, 0.05, 0.35), ("people", 0.3, 0.1, 0.5), ("people", 0.4, -9.0, 9.5)],
        "weight_by",
    ).drop(columns="term")
    specifications = specifications.assign(
        rank=[1, 2, 3],
        analysis=["The plan's own", "Also allowed", "Also allowed"],
        adjust_for=["nothing", "nothing", "agency"],
        outcome="outcome",
        n=[120, 120, 118],
        method="cr2",
    )
    return {
        "balance": (balance, {"decimals": 2}),
        "convergence": (_convergence(), {}),
        "acceptability": (
            _acceptability(),
            {"lines": [["probability", "Costs to the NHS"], ["probability_all", "All costs"]]},
        ),
        "cost_effect_plane": (
            _cost_effect_plane(),
            {"gain_unit": "points", "cost_unit": "pounds"},
        ),
        "process_rows": (_process_rows(), {"start_period": "2024-01"}),
        "specification_curve": (
            specifications,
            {k: v for k, v in OUTCOME.items() if k != "step"},
        ),
        "sites": (_sites(), {k: v for k, v in OUTCOME.items() if k != "step"}),
        "group_differences": (
            _group_differences(),
            {k: v for k, v in OUTCOME.items() if k != "step"},
        ),
        "threshold": (
            threshold,
            {
                "threshold": 50.0,
                "running_name": "the frailty score",
                "outcome_name": "experience",
                "outcome_unit": "points",
                "decimals": 2,
            },
        ),
        "process_chart": (
            process,
            {"start_period": "2024", "outcome_name": "positive answers", "outcome_unit": "%"},
        ),
        "feedback": (
            process.assign(broken=["", "SMS down 20", *[""] * (len(process) - 2)]),
            {"start_period": "2024", "outcome_name": "positive answers", "outcome_unit": "%"},
        ),
        "journey_grid": (
            _journey_grid(),
            {"outcome_name": "experience", "outcome_unit": "points", "decimals": 2},
        ),
        "emotional_map": (_emotional_map(), {"outcome_name": "how it felt", "decimals": 2}),
        "effects": (effects, {k: v for k, v in OUTCOME.items() if k != "step"}),
        "event_study": (event_study, {k: v for k, v in OUTCOME.items() if k != "step"}),
        "lines": (
            lines,
            {
                "lines": [["mean", "Average"]],
                "group": "group",
                "outcome_name": "experience",
                "decimals": 2,
            },
        ),
        "dose_curve": (
            dose_curve,
            {
                "dose_name": "hours of care",
                "dose_unit": "hours",
                "outcome_name": "experience",
                "outcome_unit": "points",
                "minimum_important_difference": 0.2,
                "decimals": 2,
            },
        ),
        "rollout": (rollout, {}),
        "power": (
            power,
            {
                "unit_name": "ward",
                "outcome_name": "experience",
                "outcome_unit": "points",
                "minimum_important_difference": 0.2,
                "power_wanted": 80.0,
                "decimals": 2,
            },
        ),
        "estimates": (methods, OUTCOME),
        "shares": (shares, {"name": "Share of comments", "decimals": 2}),
        "facets": (facets, {k: v for k, v in OUTCOME.items() if k != "outcome_name"}),
        "subgroups": (groups, OUTCOME),
        "timing": (timing, OUTCOME | {"period_name": "year"}),
        "trend": (trend, OVER_TIME),
        "variation": (quality, {"units": {"Engagement": "points"}, "decimals": 2}),
    }


@pytest.fixture(autouse=True)
def _no_figure_left_open() -> Iterator[None]:
    """No chart leaves a figure where a list of open figures holds it."""
    yield
    assert plt.get_fignums() == []
