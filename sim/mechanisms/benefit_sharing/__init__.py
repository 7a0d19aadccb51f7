"""Kinds of benefit sharing, one small file each."""
