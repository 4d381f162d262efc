"""Data of earlier versions, brought up to date by this one.

A folder here for each version whose data must go on (`v0_1_0`), written by `make_fixture.py` with that version's code.
"""
