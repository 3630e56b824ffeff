"""Texts submitted, approved, rejected."""
