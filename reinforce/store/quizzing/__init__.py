"""Quiz rounds, kept."""
