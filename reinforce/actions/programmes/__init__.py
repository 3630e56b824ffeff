"""Verbs of programmes: load, start, hold, finish, and the hand-over from phase to phase."""
