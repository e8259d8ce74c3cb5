"""Choose a pact: count every option of every seat on the same draws, and take the best."""
