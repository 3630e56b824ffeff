"""The outbox and its attempts."""
