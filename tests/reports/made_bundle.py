"""Write a hand-made bundle that follows the contract: 130 trusts, 16 quarters, fixed numbers."""

import json
import math
import random
from pathlib import Path
from typing import Any

TRUSTS = 130
PERIODS = [f"{year} Q{quarter}" for year in range(2021, 2025) for quarter in range(1, 5)]
MEASURES = {
    "Staff engagement": 6.8,
    "Overall patient experience": 7.9,
    "Relational experience": 8.2,
    "Felt experience": 7.7,
}
POINTS = "points on a scale of 0 to 10"


def column(
    name: str, label: str, kind: str, unit: str = "", decimals: int | None = None
) -> dict[str, Any]:
    """Describe one column as the contract does."""
    return {"name": name, "label": label, "kind": kind, "unit": unit, "decimals": decimals}


ESTIMATE = [
    column("term", "Term", "label"),
    column("label", "Estimate", "label"),
    column("estimate", "Difference", "estimate", POINTS, 2),
    column("std_error", "Standard error", "estimate", POINTS, 3),
    column("conf_low", "Low", "estimate", POINTS, 2),
    column("conf_high", "High", "estimate", POINTS, 2),
    column("level", "Level", "label"),
    column("n", "Rows", "count"),
    column("clusters", "Trusts", "count"),
    column("outcome", "Outcome", "label"),
    column("facet", "Part of experience", "label"),
    column("group", "Group", "label"),
    column("method", "Method", "label"),
]


def estimate_row(
    label: str,
    value: float | str,
    half: float,
    facet: str = "overall",
    group: str = "all",
    method: str = "within",
    period: int | None = None,
) -> list[Any]:
    """Return one row of estimates; a text in place of the value stands for a suppressed row."""
    if isinstance(value, str):
        numbers: list[Any] = [value] * 4
    else:
        numbers = [value, half / 1.96, value - half, value + half]
        numbers = [round(number, 3) for number in numbers]
    row = ["exposure", label, *numbers, 0.95, 1950, 130, "overall", facet, group, method]
    return row if period is None else [*row, period]


def table(title: str, columns: list[dict[str, Any]], rows: list[list[Any]]) -> dict[str, Any]:
    """Return a table as the contract does."""
    about = "Difference for 0.15 more points of staff engagement one quarter earlier."
    return {"title": title, "description": about, "columns": columns, "rows": rows}


def make_bundle(study: str = "staff_wellbeing") -> dict[str, Any]:
    """Return the whole bundle; the same numbers every time."""
    return {
        "schema": "evalkit-bundle/1",
        "study": study,
        "title": "Staff wellbeing and patient experience",
        "question": "Does better staff wellbeing come before better patient experience?",
        "population": "130 synthetic acute trusts in England, 16 quarters, 2021 to 2024",
        "estimand": "Difference in overall patient experience one quarter after staff engagement "
        "is higher within the same trust",
        "synthetic": True,
        "stamp": "exploratory",
        "stamp_reason": "the run departs from the registered plan",
        "registered_on": "2026-02-03",
        "registrations": 3,
        "departures": [
            {"name": "minimum_important_difference", "registered": 0.1, "run": 0.2},
            {"name": "subgroups", "registered": ["london"], "run": ["london", "specialist"]},
        ],
        "changes_since_first": [
            {"name": "minimum_important_difference", "first": 0.3, "now": 0.2},
            {"name": "periods", "first": None, "now": ["2021", "2022"]},
        ],
        "primary": {"term": "exposure", "facet": "overall", "method": "within_corrected"},
        "finding": {
            "claim": "found",
            "answer": "When staff engagement in a trust was 0.15 points higher, overall patient "
            "experience one quarter later was 0.24 points higher (95% interval 0.19 to 0.29).",
            "meaning": [
                "The likely size is above the smallest difference that people said would matter "
                "to them, which is 0.20 points.",
                "The same trusts were compared with themselves over time, so differences between "
                "trusts that do not change cannot explain it.",
            ],
            "limits": [
                "A cause that moves with time in the same way could still explain some of it.",
                "It describes trusts as a whole, not individual members of staff or patients.",
            ],
        },
        "checks": [
            _check(
                "passes",
                "Do patients' results come first?",
                "Earlier patient experience did not predict later engagement: 0.01 "
                "(-0.03 to 0.05).",
            ),
            _check(
                "passes",
                "Do trusts vary enough over time to tell?",
                "Within trusts, engagement varied by 0.15 points.",
            ),
            _check(
                "concern",
                "Is the estimate made smaller by noise in trust scores?",
                "Corrected for noise the estimate is 0.27 rather than 0.24.",
            ),
            _check(
                "cannot tell",
                "Could something unmeasured that moves with time explain it?",
                "No variable in these data can answer this.",
            ),
        ],
        "not_measured": [
            "Experience before admission and after discharge",
            "Carers' own experience",
            "People who did not answer the survey",
        ],
        "co_production": [
            _decision("outcome_overall", "adopted", "Agreed"),
            _decision(
                "smallest_difference",
                "adapted",
                "Preferred 0.1, as nearer to what programmes have reached",
            ),
        ],
        "protocol": {
            "primary_analysis": "within",
            "exposure_name": "staff engagement",
            "outcome_name": "overall patient experience",
            "outcome_unit": "points",
            "exposure_lag": 1,
            "exposure_person_sd": None,
            "periods": None,
            "minimum_important_difference": 0.2,
            "adjust_for": ["agency_share", "bed_occupancy"],
        },
        "sources": [
            {"name": "staff", "profile": "staff", "rows": 2080, "synthetic": True},
            {"name": "patient", "profile": "cqc_survey", "rows": 2080, "synthetic": True},
        ],
        "tables": _tables(),
        "figures": {},
        "hashes": {
            name: f"{number:064x}"
            for number, name in enumerate(("protocol", "parameters", "data", "code"), start=10)
        },
        "record_sha256": f"{99:064x}",
        "versions": {"python": "3.11", "evalkit": "0.1.0"},
    }


def _check(verdict: str, question: str, finding: str) -> dict[str, str]:
    return {
        "assumption": "What must hold for the answer to mean what it says",
        "question": question,
        "verdict": verdict,
        "finding": finding,
        "power": "A difference of 0.05 points would have been seen in most such studies.",
        "consequence": "If it does not hold, the answer describes an association only.",
    }


def _decision(name: str, outcome: str, view: str) -> dict[str, Any]:
    return {
        "decision_id": name,
        "date": "2026-01-14",
        "stage": "outcome",
        "proposed_by": "synthetic lived-experience partners",
        "decided_by": ["synthetic lived-experience partners", "synthetic commissioner"],
        "lived_experience_position": "Anything below 0.2 would not be felt on a ward",
        "professional_position": view,
        "outcome": outcome,
        "reason": "The overall question is asked of everybody",
    }


def _tables() -> dict[str, Any]:
    headline = [
        ["difference", 0.24, POINTS],
        ["low", 0.19, POINTS],
        ["high", 0.29, POINTS],
        ["level", 0.95, ""],
        ["step", 0.15, POINTS],
        ["minimum_important_difference", 0.2, POINTS],
        ["trusts", 130, ""],
        ["periods", 16, ""],
    ]
    names = [
        column("name", "Name", "label"),
        column("value", "Value", "estimate"),
        column("unit", "Unit", "text"),
    ]
    facets = [
        ("Overall experience", "overall", 0.24),
        ("How people were treated", "relational", 0.26),
        ("How well care worked", "functional", 0.11),
        ("How care felt", "felt", 0.21),
    ]
    groups = [
        ("London", 0.21, 0.12),
        ("Elsewhere", 0.25, 0.06),
        ("Difference: London less elsewhere", -0.04, 0.13),
        ("Specialist", "[c]", 0.0),
    ]
    methods = [
        ("All trusts and quarters pooled", 0.41, 0.07, "pooled"),
        ("Between trusts", 0.52, 0.12, "between"),
        ("Within trusts", 0.24, 0.05, "within"),
        ("Change on change", 0.22, 0.07, "first_difference"),
        ("Within trusts, corrected for noise", 0.27, 0.06, "within_corrected"),
    ]
    lags = [(-2, 0.0), (-1, 0.01), (0, 0.05), (1, 0.24), (2, 0.08)]
    quality = [["Staff engagement", 130, 16, 2080, 0, 6.8, 0.2, 0.15, 0.93, 0.71]]
    return {
        "headline": table("Headline", names, headline),
        "facets": table(
            "Difference in each part of experience",
            ESTIMATE,
            [estimate_row(w, v, 0.05, facet=f) for w, f, v in facets],
        ),
        "subgroups": table(
            "Difference by group of trusts",
            ESTIMATE,
            [estimate_row(w, v, h, group=w) for w, v, h in groups],
        ),
        "estimates": table(
            "Five ways to estimate the difference",
            ESTIMATE,
            [estimate_row(w, v, h, method=m) for w, v, h, m in methods],
        ),
        "timing": table(
            "Staff before patients, and patients before staff",
            [*ESTIMATE, column("period", "Quarters", "period")],
            [estimate_row(f"Staff {lag:+d} quarters", v, 0.04, period=lag) for lag, v in lags],
        ),
        "quality": table(
            "What the data are",
            [
                column("measure", "Measure", "label"),
                column("trusts", "Trusts", "count"),
                column("periods", "Periods", "count"),
                column("rows", "Rows", "count"),
                column("missing", "Missing", "count"),
                column("mean", "Mean", "mean", "", 2),
                column("sd_between", "Spread between", "estimate", "", 2),
                column("sd_within", "Spread within", "estimate", "", 2),
                column("reliability_between", "Reliability between", "estimate", "", 2),
                column("reliability_within", "Reliability within", "estimate", "", 2),
            ],
            quality,
        ),
        "trend": _trend(),
        "organisations": _organisations(),
        "check_1": table("Numbers of the first check", names, [["reverse", 0.01, POINTS]]),
    }


def _trend() -> dict[str, Any]:
    rows = [
        [period, TRUSTS, round(6.8 + 0.02 * i, 2), 41000 + i, round(7.9 + 0.02 * i, 2), 39000 + i]
        for i, period in enumerate(PERIODS)
    ]
    return table(
        "All trusts over time",
        [
            column("period", "Quarter", "period"),
            column("trusts", "Trusts", "count"),
            column("exposure", "Staff engagement", "mean", POINTS, 2),
            column("staff_base", "Staff", "count"),
            column("outcome", "Overall experience", "mean", POINTS, 2),
            column("patient_base", "Patients", "count"),
        ],
        rows,
    )


def _organisations() -> dict[str, Any]:
    chance = random.Random(7)  # noqa: S311
    rows: list[list[Any]] = []
    for number in range(TRUSTS):
        unit, name = f"S{number:02d}", f"Synthetic Trust {number:03d}"
        own = chance.gauss(0, 0.3)
        for measure, level in MEASURES.items():
            for index, period in enumerate(PERIODS):
                value = level + own + 0.02 * index + 0.1 * math.sin(index + number)
                base = 180 + (number * 7 + index * 3) % 200
                cells: list[Any] = [round(value, 2), round(value - 0.2, 2), round(value + 0.2, 2)]
                if number == 3 and index == 5:
                    cells, base = ["[c]"] * 3, "[c]"  # type: ignore[assignment]
                rows.append([unit, name, period, measure, *cells, base])
    return table(
        "Every trust over time",
        [
            column("unit", "Code", "label"),
            column("unit_name", "Trust", "label"),
            column("period", "Quarter", "period"),
            column("measure", "Measure", "label"),
            column("value", "Score", "mean", POINTS, 2),
            column("conf_low", "Low", "mean", POINTS, 2),
            column("conf_high", "High", "mean", POINTS, 2),
            column("base", "Responses", "count"),
        ],
        rows,
    )


def write_bundle(folder: Path, bundle: dict[str, Any]) -> Path:
    """Write the bundle where the report looks for it, and return the folder of releases."""
    (folder / bundle["study"]).mkdir(parents=True, exist_ok=True)
    path = folder / bundle["study"] / "bundle.json"
    path.write_text(json.dumps(bundle), encoding="utf-8")
    return folder
