"""Statistics of experiments: numbers in, numbers out; nothing here knows what a scenario is."""
