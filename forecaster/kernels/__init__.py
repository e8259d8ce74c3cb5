"""Numbers only: random streams, the jitted core and its plain reference twin.

Nothing in this folder knows a party, a seat name or a file; it sees arrays. It may import
NumPy and numba and nothing else (a contract in ``pyproject.toml`` checks it).
"""
