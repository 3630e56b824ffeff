"""What an author writes, judged: revisions, prerequisites, what fits a post, what may be said where."""
