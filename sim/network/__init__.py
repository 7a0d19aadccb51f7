"""The supply network: generated families and imported data, and its form as arrays."""
