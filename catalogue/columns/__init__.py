"""What lists, filters and facets are read from: a few columns of every published article, in each process's memory.

`table` is the engine, `reading` reads it from the database, and `following` keeps it true.
"""
