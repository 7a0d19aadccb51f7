"""Kinds of cost sharing, one small file each."""
