"""Read models of the console: what one page shows, read straight from the tables in as few queries as it takes.

They change nothing and decide nothing; whatever decides reads the aggregates of the room above.
"""
