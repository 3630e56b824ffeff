"""Polls that ask a cohort where it stands: what may be asked, what the votes say."""
