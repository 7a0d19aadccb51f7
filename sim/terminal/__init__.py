"""The commands, and what they print: lists, tables, JSON, progress."""
