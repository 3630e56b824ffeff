"""A learner's way through a cohort, and a cohort's dates."""
