"""The tour: seven steps through a rehearsal, from the first post to the checklist for going live."""
