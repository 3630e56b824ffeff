"""What came of it, in figures: shares with their intervals, and how styles of wording compare."""
