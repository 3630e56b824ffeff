"""Those who sign in: what they may, their sessions, links and tokens."""
