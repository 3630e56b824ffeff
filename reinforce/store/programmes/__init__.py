"""Programmes as rows: loaded, started on cohorts, and what became of each part."""
