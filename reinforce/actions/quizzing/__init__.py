"""Quiz rounds, made and run."""
