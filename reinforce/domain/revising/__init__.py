"""What was said and is wrong now: what of it is recalled, and how."""
