"""From a checked config to the arrays of the kernel: national shares, base, errors, pacts."""
