"""What is held of people, and for how long: the rules."""
