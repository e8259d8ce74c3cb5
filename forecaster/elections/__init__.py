"""Past elections: results, seats, covariates and boundaries as aligned arrays."""
