"""One method a module: arrays or a tidy frame in, numbers out; no parameters and no words."""
