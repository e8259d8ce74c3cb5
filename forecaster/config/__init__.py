"""Read TOML files, or values from Python, into a checked and frozen description of a run."""
