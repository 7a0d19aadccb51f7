"""Kinds of risk sharing, one small file each."""
