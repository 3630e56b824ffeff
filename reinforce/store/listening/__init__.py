"""What came in, and what it was read as."""
