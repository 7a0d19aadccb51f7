"""Experiments: which worlds to run, running them, and what follows from them."""
