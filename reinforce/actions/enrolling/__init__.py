"""Enrollments move, a cohort's dates are told, people and cohorts are away."""
