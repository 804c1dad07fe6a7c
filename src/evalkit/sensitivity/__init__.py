"""What would overturn an estimate: bounds and tipping points, from the numbers of a result."""
