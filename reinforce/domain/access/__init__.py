"""Who may do what: roles, rights, and how far they reach."""
