"""The admin panel's pages for the work: all can be looked at, and jobs acted on by the operations that pages use.

Nothing is edited here: rows of jobs and results are written by operations alone, which keep their story and version.
"""

from jobs.admin import job, listings

__all__ = ["job", "listings"]
