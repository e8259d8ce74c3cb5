"""A page in which a pact is built, and counted on the elections of a run as it is changed."""
