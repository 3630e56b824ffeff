"""News with a date, made and told."""
