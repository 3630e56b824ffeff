"""Procedures and rosters in, cohorts made."""
