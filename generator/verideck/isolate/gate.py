"""Whether this process may be forked from.

One TensorFlow operation before the fork starts threads that the child does not have; simple operations
still work there, while `matmul` and `tf.function` hang. So the state is looked at, and then a canary is
sent: a child that must finish what would hang.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from verideck.isolate import devices

CANARY_SECONDS = 30.0


def refusal() -> str:
    """Why this process must not be forked from; empty, if it may be."""
    return next(_reasons(), "")


def fallback() -> str:
    """How cards run instead: here each in a new Python; where no system is known to fork safely, one started ahead."""
    return "cold" if Path("/proc/self/task").is_dir() else "spawn"


def _reasons() -> Iterator[str]:
    if not hasattr(os, "fork") or not Path("/proc/self/task").is_dir():
        yield "this system has no fork that is known to be safe"
        return
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads != 1:
        yield f"the imports left {threads} threads running"
    if "libcuda.so" in Path("/proc/self/maps").read_text(errors="replace"):
        yield "the imports loaded the CUDA driver"
    context = sys.modules.get("tensorflow.python.eager.context")
    if context is not None and _initialised(context.context()):
        yield "the imports initialised TensorFlow's eager context"
    if not _survives(_canary):
        yield "a child of the fork did not finish a matrix product in time"


def _initialised(context: object) -> bool:
    return bool(getattr(context, "_initialized", True)) or getattr(context, "_context_handle", None) is not None


def _survives(work: Callable[[], None]) -> bool:
    """Whether a forked child does `work` within the deadline."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            quiet = os.open(os.devnull, os.O_RDWR)
            for descriptor in (0, 1, 2):
                os.dup2(quiet, descriptor)
            devices.choose("cpu")
            work()
            status = 0
        finally:
            os._exit(status)
    deadline = time.monotonic() + CANARY_SECONDS
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status == 0
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def _canary() -> None:
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is not None:
        square = tensorflow.ones((64, 64))
        product = tensorflow.function(tensorflow.matmul)(square, tensorflow.matmul(square, square))
        if float(product[0, 0]) != 64.0 * 64.0:
            raise ArithmeticError
