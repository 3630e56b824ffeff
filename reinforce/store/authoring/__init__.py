"""Procedures and their revisions."""
