"""Open cohorts: requests to join them."""
