"""The parameters of each notebook: one module a notebook, one closed class each."""
