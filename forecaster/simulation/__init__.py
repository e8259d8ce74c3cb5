"""From a checked config to counts: the plan, the kernel and its accumulators."""
