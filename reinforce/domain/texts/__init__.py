"""Texts as X counts and shows them, and the guard that keeps names out of them."""
