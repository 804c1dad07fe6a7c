"""What the data are: scores, their reliability, and tables that describe them."""
