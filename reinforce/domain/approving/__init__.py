"""Who may say yes to a text, and for how long that holds."""
