"""Scenarios: what one is, and how it is read."""
