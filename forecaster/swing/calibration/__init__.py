"""The swing rule and the error of seats, estimated from past elections."""
