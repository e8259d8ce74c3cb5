"""What happened: results, seats, covariates and boundaries, as aligned arrays."""
