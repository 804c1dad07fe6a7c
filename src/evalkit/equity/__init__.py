"""Who has the poorest experience, and whether the gap closes: indices of inequality."""
