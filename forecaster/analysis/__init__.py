"""Answers from a run, as plain tables that any front end can print."""
