"""What is held of people: the register, the suppression list, erasing, retention."""
