"""One process of the product: started, watched, started again, stopped."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 16.0
STABLE_SECONDS = 8.0
"""A process that ran this long had started well: something ended it, and the next restart comes quickly again."""

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class Child:
    """A process with a process group of its own, so that Ctrl-C reaches only the supervisor and nothing is orphaned."""

    name: str
    command: list[str]
    env: Mapping[str, str]
    patience: float = 5.0
    """Seconds between asking it to stop and making it."""
    when_orphaned: signal.Signals = signal.SIGKILL
    """What it gets when the supervisor dies without a word (Linux)."""
    keep_open: tuple[int, ...] = ()
    mend: Callable[[], str] | None = None
    """Puts right what keeps it from starting, and says what that was; asked when it ended by itself with an error."""
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    pause: float = field(default=FIRST_PAUSE)

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own command lines
            self.command,
            env=dict(self.env),
            stdin=subprocess.DEVNULL,
            process_group=0,
            pass_fds=self.keep_open,
            preexec_fn=_die_with_parent(self.when_orphaned),  # noqa: PLW1509 - the supervisor has one thread
        )

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def age(self) -> float:
        """Seconds since it was last started."""
        return time.monotonic() - self.started_at

    def plan_restart(self) -> float:
        """Clear away what an ended process left behind and set when to start again; returns the pause in seconds."""
        self.kill()
        self.pause = FIRST_PAUSE if self.age > STABLE_SECONDS else min(self.pause * 2, LONGEST_PAUSE)
        self.process = None
        self.start_again_at = time.monotonic() + self.pause
        return self.pause

    def stop(self, should_hurry: Callable[[], bool] = lambda: False) -> None:
        """Ask it to stop, wait, then end whatever of its group is left."""
        if self.process is None:
            return
        self._signal(signal.SIGTERM, group=False)
        give_up = time.monotonic() + self.patience
        while self.is_running and time.monotonic() < give_up and not should_hurry():
            time.sleep(0.02)
        self.kill()

    def kill(self) -> None:
        """End the whole group at once."""
        self._signal(signal.SIGKILL, group=True)
        if self.process is not None:
            self.process.wait()

    def _signal(self, number: signal.Signals, *, group: bool) -> None:
        if self.process is None:
            return
        try:
            if group:
                os.killpg(self.process.pid, number)
            elif self.process.poll() is None:
                os.kill(self.process.pid, number)
        except (ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
            return


def _die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    if _libc is None:
        return None
    libc, supervisor = _libc, os.getpid()

    def ask_the_kernel() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, number)
        if os.getppid() != supervisor:  # it died before the kernel knew
            os._exit(1)

    return ask_the_kernel
