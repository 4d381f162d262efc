"""Deleted means deleted: after the time for undo, rows give up their files, and files that no row has are removed."""
