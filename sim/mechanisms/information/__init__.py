"""Kinds of information, one small file each."""
