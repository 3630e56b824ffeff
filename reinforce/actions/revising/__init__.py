"""Take back what was posted and is wrong now."""
