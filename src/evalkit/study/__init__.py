"""A study's parameters, its protocol, and the register that it is held to."""

from evalkit.study.parameters import load_parameters, open_parameters
from evalkit.study.schema import StudyParameters

__all__ = ["StudyParameters", "load_parameters", "open_parameters"]
