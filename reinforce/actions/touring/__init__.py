"""What only the tour of a rehearsal does."""
