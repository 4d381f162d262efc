"""The product's own settings, and one more address: a view that does nothing, to compare with."""

from dashboard.settings import *  # noqa: F403

ROOT_URLCONF = "tests.benchmarks.urls"
