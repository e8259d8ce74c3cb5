"""Who stands aside and who switches: from a pact to masks and rates, seat by seat."""
