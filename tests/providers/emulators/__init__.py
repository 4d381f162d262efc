"""Providers as their contracts describe them, as real HTTP servers on the loopback address.

Each keeps jobs and time, and charges once for each order it takes, so that whoever pays twice is found out. What they
have in common lies here: the server and its answers (`server`, `answers`), time (`clock`), what can go wrong
(`faults`), the bucket (`files`, `downloads`), ringing and visiting (`callbacks`, `visits`), steering (`control`).
"""
