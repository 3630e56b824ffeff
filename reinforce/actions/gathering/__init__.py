"""Events and introductions: announced, collected, recorded; a tip becomes a nugget."""
