"""One file an engine: what it is asked for each count, and the process that asks.

A file is imported to learn its ways and run with `-m` to go one of them, so it imports its engine only
then.
"""
