"""Courses, their approvals and the threads they became."""
