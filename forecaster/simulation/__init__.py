"""Simulate a plan: count blocks of draws on threads or machines."""
