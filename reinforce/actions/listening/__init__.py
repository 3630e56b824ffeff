"""Replies in, read and graded."""
