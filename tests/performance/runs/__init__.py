"""Runs per second: `evalkit run` beside the papermill command and the analysis alone."""
