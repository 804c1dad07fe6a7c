"""One statistical method a module: arrays or a tidy frame in, numbers out; no parameters, no words."""
