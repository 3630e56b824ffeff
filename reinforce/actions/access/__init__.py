"""People let in, kept out, signed in."""
