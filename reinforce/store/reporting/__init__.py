"""Read models of the command line and the console."""
