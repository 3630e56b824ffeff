"""News with a date: what is posted about it, and when."""
