"""When and what to post next: cadence and slots, memory and evidence, the policies and their reasons."""
