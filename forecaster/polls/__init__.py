"""Polls and by-elections, and the national shares that follow from polls."""
