"""Hypothesis as the tests use it: by itself it fails an example that takes a fifth of a second, as any may on a busy
machine. Only the files with such tests import it, which takes a while."""

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

__all__ = [
    "HealthCheck",
    "RuleBasedStateMachine",
    "assume",
    "given",
    "invariant",
    "rule",
    "run_state_machine_as_test",
    "settings",
    "st",
]

settings.register_profile("patient", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
