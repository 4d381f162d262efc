"""A provider that needs no key and no network: a real adapter over a simulated service, for learning and testing.

The service keeps one document per job in a `PracticeStore` and nothing else; how far a job is follows from the
document and the clock, so that a process may die anywhere.
"""

from jobs.providers.practice.store import MemoryStore, PracticeStore

__all__ = ["MemoryStore", "PracticeStore"]
