"""Cohorts, learners, consents, invitations."""
