"""Recalls and what belongs to them."""
