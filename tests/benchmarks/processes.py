"""What a running process and its children use, as Linux accounts for it; 0 where there is no /proc."""

import os
import signal
import sys
from pathlib import Path

PROC = Path("/proc")


def stop_tidily() -> None:
    """Let SIGTERM end this command as Ctrl-C does, so that what it started is stopped and its folder removed."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))


_TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """*pid* and every process that descends from it."""
    parents = {found: _parent(found) for found in _all()}
    members = [pid]
    for member in members:
        members += [child for child, parent in parents.items() if parent == member]
    return members


def cpu_seconds(pid: int) -> float:
    """CPU time that *pid* and its living descendants have used, in seconds."""
    return sum(_cpu_ticks(member) for member in family(pid)) / _TICKS


def waited_seconds(pid: int) -> float:
    """Seconds for which threads of *pid* that are still there could have run, but waited for a processor."""
    threads = (PROC / str(pid) / "task").glob("*") if PROC.is_dir() else []
    waited = (_text(pid, f"task/{thread.name}/schedstat").split() for thread in threads)
    return sum(int(fields[1]) for fields in waited if len(fields) > 1) / 1e9


def pss_bytes(pid: int) -> int:
    """Resident memory of *pid* alone, what it shares with others counted in parts."""
    return _kilobytes(pid, "smaps_rollup", "Pss:") * 1024


def peak_rss_bytes(pid: int) -> int:
    """The most that *pid* ever had resident, what it shares with others counted whole."""
    return _kilobytes(pid, "status", "VmHWM:") * 1024


def command(pid: int) -> str:
    """The command line of *pid*."""
    return _text(pid, "cmdline").replace("\0", " ").strip()


def _all() -> list[int]:
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()] if PROC.is_dir() else []


def _parent(pid: int) -> int:
    fields = _text(pid, "stat").rpartition(") ")[2].split()
    return int(fields[1]) if fields else 0


def _cpu_ticks(pid: int) -> int:
    fields = _text(pid, "stat").rpartition(") ")[2].split()
    return int(fields[11]) + int(fields[12]) if fields else 0


def _kilobytes(pid: int, file: str, name: str) -> int:
    lines = (line.split() for line in _text(pid, file).splitlines())
    return next((int(fields[1]) for fields in lines if fields and fields[0] == name), 0)


def _text(pid: int, file: str) -> str:
    """The file below /proc; empty when the process ended meanwhile."""
    try:
        return (PROC / str(pid) / file).read_text()
    except OSError:
        return ""
