"""Pages and visits, measured in a real browser."""
