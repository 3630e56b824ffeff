"""The way of one post: its states, what an answer means, what keeps it from going out, what it costs."""
