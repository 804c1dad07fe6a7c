"""The report: pages, charts and controls over released bundles, and the server that shows them."""
