"""Evaluate whether experience of care improved: parameters in, a sealed record out."""

__version__ = "0.1.0"
