"""What a plan reads and leaves behind."""
