"""hotshard beside other engines on the same work; `benches/peers/run` starts it.

This process imports the standard library alone. Every engine runs in a fresh process of its own, and
so does every check: Linux counts a parent's memory into the peak of the child it starts, so what
measures has to stay small.
"""
