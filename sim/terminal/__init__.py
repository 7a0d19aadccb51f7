"""What commands print: lists, tables, JSON, progress."""
