"""The days to come of a whole account: what every cohort on it would post, each decision taken for granted by all."""
