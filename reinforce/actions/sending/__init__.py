"""Posts out, exactly once."""
