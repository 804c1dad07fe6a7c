"""Made-up data for each design, with known truth: `WORLDS`, `EMBEDDED`, `FIELDS`, `make_world`."""
