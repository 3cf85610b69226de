"""Programs that a benchmark starts: servers with an address and a peak of memory, commands with a time."""

import contextlib
import os
import re
import resource
import signal
import subprocess
import time
from dataclasses import dataclass


@dataclass
class Run:
    """One finished command."""

    seconds: float
    peak_mebibytes: float
    stdout: str
    stderr: str


def run(command, check=True):
    """Runs a command to its end; its peak of memory is the operating system's own account of it."""
    before = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    stdout, stderr = process.stdout, process.stderr
    # Both pipes are small here, but a full one would stop the program: read them side by side.
    import threading

    texts = {}
    threads = [
        threading.Thread(target=lambda name, pipe: texts.__setitem__(name, pipe.read()), args=(name, pipe))
        for name, pipe in (("stdout", stdout), ("stderr", stderr))
    ]
    for thread in threads:
        thread.start()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - before
    for thread in threads:
        thread.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if check and process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{texts['stdout']}\n{texts['stderr']}")
    return Run(seconds, usage.ru_maxrss / 1024, texts["stdout"], texts["stderr"])


class Server:
    """A running `hera` that has said `ready`."""

    def __init__(self, process, address, seconds_to_ready):
        self.process = process
        self.address = address
        self.seconds_to_ready = seconds_to_ready

    def peak_mebibytes(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmHWM:\s+(\d+) kB", status.read())[1]) / 1024

    def cpu_seconds(self):
        """What the process has computed so far, in user and system mode."""
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self):
        """Ends it as a crash does."""
        self.process.kill()
        self.process.wait(timeout=120)


@contextlib.contextmanager
def server(command, log, environment=None):
    """Starts a `hera` server, waits for its `ready` line, and ends it with SIGTERM where it has not ended."""
    before = time.monotonic()
    with open(log, "w") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env={**os.environ, **(environment or {})})
    try:
        for line in process.stdout:
            ready = re.match(r"ready kafka=(\S+)", line)
            if ready:
                break
        else:
            raise SystemExit(f"{' '.join(command)} ended before it was ready; see {log}")
        yield Server(process, ready[1], time.monotonic() - before)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=120)


def limit_core_files():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
