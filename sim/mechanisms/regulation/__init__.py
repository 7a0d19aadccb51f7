"""Kinds of regulation, one small file each."""
