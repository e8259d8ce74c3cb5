"""Questions that take further simulations: sweeps, sensitivity, the record, choosing a pact."""
