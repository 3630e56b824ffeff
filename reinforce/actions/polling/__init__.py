"""Ask a cohort where it stands, and read what it said."""
