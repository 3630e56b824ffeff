"""An account as a value: what it is, where it answers, what it is reached with."""
