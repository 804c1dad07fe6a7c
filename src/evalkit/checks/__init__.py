"""Each check asks one assumption of the data and answers with a `Check`."""
