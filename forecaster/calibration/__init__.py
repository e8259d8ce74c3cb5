"""Every parameter that is estimated from past elections, and the model file they are written to."""
