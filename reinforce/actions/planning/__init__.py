"""Evidence folded in, posts decided on."""
