"""Events and introductions: when they are, what belongs to them, and the record of what was said."""
