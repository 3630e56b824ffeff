"""Scheduled spaced-repetition reinforcement of workplace procedures on X.

Importing this package opens nothing: no file, no socket, no database.
"""

__version__ = "0.1.0"
