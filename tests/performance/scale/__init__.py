"""Tables of many answers, and what is asked of them."""
