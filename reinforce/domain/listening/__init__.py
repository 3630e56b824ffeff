"""What learners write, read and graded, and what may be written back."""
