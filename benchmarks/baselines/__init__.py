"""The policies that the product's planner is measured against."""
