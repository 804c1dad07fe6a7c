"""How sure: intervals and tests for few clusters, many tests and dependent errors; arrays in."""
