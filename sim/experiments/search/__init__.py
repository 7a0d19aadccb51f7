"""Searches: which candidates to try, how they are judged, and what came of them."""
