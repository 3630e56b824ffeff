"""Courses: threads that lead from one step to the next."""
