"""Accounts that posts go out on: the protocol in `base`, X through tweepy in `x`."""
