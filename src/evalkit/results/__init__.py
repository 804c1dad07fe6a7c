"""What a design hands on: estimates, checks and findings, all frozen."""

from evalkit.results.types import ESTIMATE_COLUMNS, Check, Finding, Result, Verdict, pick_row

__all__ = ["ESTIMATE_COLUMNS", "Check", "Finding", "Result", "Verdict", "pick_row"]
