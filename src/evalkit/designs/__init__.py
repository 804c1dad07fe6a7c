"""One module a design, each with `estimate(panel, parameters) -> Result`."""
