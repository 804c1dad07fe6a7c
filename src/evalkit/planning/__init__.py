"""Before data are seen: sample size, power, and which designs a roll-out allows."""
