"""Bounds under departures from parallel trends: the published Medicaid example."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evalkit.sensitivity.honest_did import EventStudy, bound_by_ratio, bound_by_turn

JOBS = ("honestdid",)
HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def medicaid() -> EventStudy:
    """Return the event study of the example; what is asked for is the first period after."""
    stored = json.loads((HERE / "honest_ehec_input.json").read_text("utf-8"))
    first = np.eye(stored["num_post"])[0]
    covariance = np.array(stored["sigma"])
    return EventStudy(np.array(stored["betahat"]), covariance, stored["num_pre"], first)


def test_value(value: dict[str, Any], agree: Callable[..., None], medicaid: EventStudy) -> None:
    """Each published bound is found, those by relative magnitudes also."""
    kind, bound = value["name"].split("=")
    by = bound_by_ratio if kind.startswith("RM") else bound_by_turn
    agree(value, asdict(by(medicaid, float(bound))))
