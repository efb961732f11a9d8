"""One file an engine: the jobs it does, and the process that does one of them.

A file is imported to learn its jobs and run with `-m` to do one, so it imports its engine only then.
"""
