"""Many requests to one address: by wrk (github.com/wg/wrk) where it is installed, else by threads of our own.

Our own threads share one interpreter lock and cannot ask for more than some 2 000 answers a second, so what is faster
than that needs wrk.
"""

import http.client
import json
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.benchmarks.processes import cpu_seconds

WRK = shutil.which("wrk")
GENERATOR = "wrk" if WRK else "Python threads (wrk is not installed: figures above 2 000 requests/s are the client's)"
FIRST_NUMBER = 10**15
"""`{n}` in an address becomes another number with each request, so that no request can be answered like the last."""

SCRIPT = """
local n = 0
local path = "%s"
if path:find("{n}", 1, true) then
  request = function()
    n = n + 1
    return wrk.format("GET", (path:gsub("{n}", string.format("%%.0f", %d + n))))
  end
end
done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format('\\n{"requests": %%d, "seconds": %%f, "p50": %%f, "p95": %%f, "failed": %%d}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(95) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


@dataclass(frozen=True)
class Answers:
    """What came back: how many a second, how long each took in milliseconds, and what each cost the server's CPU."""

    per_second: float
    p50: float
    p95: float
    cpu: float
    """Milliseconds of CPU of the server's processes for each answer."""


def ask(url: str, headers: Mapping[str, str], connections: int, seconds: int, server_pid: int) -> Answers:
    """Ask *url* again and again over so many *connections*. Raises RuntimeError when an answer is an error."""
    before = cpu_seconds(server_pid)
    generate = _with_wrk if WRK else _with_threads
    report = generate(url, headers, connections, seconds)
    spent = cpu_seconds(server_pid) - before
    if report["failed"] or not report["requests"]:
        raise RuntimeError(f"{url}: {report}")
    answers = report["requests"]
    return Answers(answers / report["seconds"], report["p50"], report["p95"], spent / answers * 1000)


def median(runs: list[Answers]) -> Answers:
    """The median of each figure."""
    columns = ((run.per_second, run.p50, run.p95, run.cpu) for run in runs)
    return Answers(*(statistics.median(column) for column in zip(*columns, strict=True)))


def _with_wrk(url: str, headers: Mapping[str, str], connections: int, seconds: int) -> dict[str, float]:
    place = urlsplit(url)
    path = f"{place.path}?{place.query}" if place.query else place.path
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(SCRIPT % (path, FIRST_NUMBER))
        script.flush()
        command = [str(WRK), "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", script.name]
        command += [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
        ended = subprocess.run([*command, url], capture_output=True, text=True, check=True)
    report: dict[str, float] = json.loads(ended.stdout.strip().splitlines()[-1])
    return report


def _with_threads(url: str, headers: Mapping[str, str], connections: int, seconds: int) -> dict[str, float]:
    end, taken, failed = time.monotonic() + seconds, list[float](), list[int]()
    work = [threading.Thread(target=_repeat, args=(url, headers, end, taken, failed)) for _ in range(connections)]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    cuts = statistics.quantiles(taken, n=20)
    return {"requests": len(taken), "seconds": seconds, "p50": cuts[9], "p95": cuts[18], "failed": len(failed)}


def _repeat(url: str, headers: Mapping[str, str], end: float, taken: list[float], failed: list[int]) -> None:
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.netloc, timeout=10)
    number = FIRST_NUMBER
    while time.monotonic() < end:
        number, start = number + 1, time.perf_counter()
        connection.request("GET", f"{place.path}?{place.query}".replace("{n}", str(number)), headers=dict(headers))
        answer = connection.getresponse()
        answer.read()
        taken.append((time.perf_counter() - start) * 1000)
        if answer.status >= 400:
            failed.append(answer.status)
    connection.close()
