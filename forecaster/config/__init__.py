"""From a TOML file to a checked, frozen description of a run."""
