"""Measurements of the laboratory, and an independent model to hold it against."""
