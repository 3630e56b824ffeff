"""Announcements on record."""
