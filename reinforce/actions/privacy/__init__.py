"""Erasing a person, keeping them erased, deleting what was kept for long enough, wishes by reply."""
