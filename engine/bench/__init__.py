"""The benchmark suites of `hotloop bench`."""
