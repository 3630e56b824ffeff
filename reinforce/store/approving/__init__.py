"""Requests for approval, and the people of the team."""
