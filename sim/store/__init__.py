"""Where runs are kept: what a run leaves, the tables, writing and reading. Knows nothing of running."""
