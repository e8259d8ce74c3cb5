"""Which pact to make: every option of every seat counted on the same draws, and the best chosen."""
