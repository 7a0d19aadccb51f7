"""Worlds row by row: a table of firms, or of links, for each month."""
