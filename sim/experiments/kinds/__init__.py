"""The kinds of experiments, a file each."""
