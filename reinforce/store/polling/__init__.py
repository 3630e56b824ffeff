"""Polls of where a cohort stands, kept."""
