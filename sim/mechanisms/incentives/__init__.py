"""Kinds of incentives, one small file each."""
