"""Questions and look-ups of learners: taken up, answered, delivered, told to those who answer."""
