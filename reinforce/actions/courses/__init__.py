"""Rehearse a course, publish it as a thread, watch it, take it back."""
