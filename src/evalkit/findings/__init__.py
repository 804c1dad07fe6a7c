"""Numbers into sentences, by rule."""
