"""Quiz rounds: their questions, teams, times and scores."""
