"""One module a command; each prints, and leaves the work to the rooms below."""
