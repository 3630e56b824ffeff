"""Events, what was said in them, and introductions, as rows."""
