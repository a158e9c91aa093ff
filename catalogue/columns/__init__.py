"""What lists, filters and facets are read from: a few columns of every published article, in each process's memory.

`rows` and `table` are the engine, `reading` reads it from the database, and `following` keeps it true.
"""
