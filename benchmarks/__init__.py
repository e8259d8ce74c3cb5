"""Speed, measured side by side: see `benchmarks.run`."""
