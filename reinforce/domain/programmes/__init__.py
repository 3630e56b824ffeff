"""Programmes: phases with their cadences and goals, and what has its place in them, as dates."""
