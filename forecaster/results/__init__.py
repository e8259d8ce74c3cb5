"""The tables of a run and its manifest: build, store, read, and convert them to xarray."""
