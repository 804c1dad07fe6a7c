"""Many runs of studies: what a sweep asks for, how it is run, and what its runs say together."""
