"""`reinforce up`: a whole rehearsal on this machine."""
