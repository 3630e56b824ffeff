"""Accounts and their encrypted credentials."""
