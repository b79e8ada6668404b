"""The fork server: imports once, makes sure that it may be forked from, and serves."""

from __future__ import annotations

import gc
import os
import platform
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from verideck.isolate import child, gate, linux, sandbox
from verideck.isolate.channel import Channel
from verideck.isolate.loop import Loop
from verideck.isolate.sandbox import namespaces, reading
from verideck.isolate.start import Starter

_LOOKING = 120.0  # seconds for a new Python to import TensorFlow and to find the GPUs


def versions() -> dict[str, str]:
    """The versions of Python and of those libraries that evidence names, as loaded in this process."""
    found = {"python": ".".join(platform.python_version_tuple()[:2])}
    for name in ("tensorflow", "keras", "numpy"):
        if name in sys.modules:
            found[name] = str(getattr(sys.modules[name], "__version__", ""))
    return found


def serve(settings: dict[str, Any]) -> None:
    """Serve until standard input ends.

    `settings`: `preload`, `jobs`, `isolation` (`fork`, `spawn` or `cold`), `sandbox` (as `sandbox.choose` takes it),
    `device` (`cpu` or `gpu`), `program` (what a new Python is started with), `home` (the person's), and `scratch`, a
    folder to use and to remove.

    The first line out is `hello`, with the isolation and the sandbox in force, why they are not the ones asked
    for, the versions and the GPUs. If an import fails or a sandbox that is required is not to be had, `hello` has
    `error` and nothing else is served.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the end of input tells us
    channel = Channel(os.dup(1))
    quiet = os.open(os.devnull, os.O_RDWR)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    settings["number"] = (os.getpid() & 0x3FFFFF) << 8  # by which its cards are told from those of other servers
    try:
        kind, gap = sandbox.choose(settings["sandbox"])
    except sandbox.UnprotectedError as error:
        channel.send({"event": "hello", "refused": str(error)})
        return
    if kind == "namespaces":
        namespaces.separate()
    else:
        with suppress(OSError):  # elsewhere than on Linux only a card's own group is ended
            linux.adopt_orphans()
    try:
        gpus = _gpus(settings)
        if settings["device"] == "gpu" and not gpus:
            told = {"isolation": settings["isolation"], "reason": "", "sandbox": kind, "gap": gap}
            channel.send({"event": "hello", **told, "versions": {}, "gpus": []})
            return
        child.preload(settings["preload"])
    except Exception as error:  # noqa: BLE001 - whatever an import raises is an answer
        channel.send({"event": "hello", "error": f"{type(error).__name__}: {error}"})
        return
    reason = gate.refusal() if settings["isolation"] == "fork" else ""
    settings["isolation"] = gate.fallback() if reason else settings["isolation"]
    gc.collect()
    gc.freeze()  # children then collect only their own garbage, and share the rest of our pages
    hello = {"isolation": settings["isolation"], "reason": reason, "sandbox": kind, "gap": gap}
    channel.send({"event": "hello", **hello, "versions": versions(), "gpus": gpus})
    _loop(channel, settings, kind)


def _gpus(settings: dict[str, Any]) -> list[str]:
    """The GPUs that cards will see: asked of a new Python, since whoever asks cannot be forked from.

    Raises `subprocess.SubprocessError` where TensorFlow cannot tell.
    """
    if settings["device"] == "cpu":
        return []
    command = [sys.executable, *settings["program"], "--gpus"]
    quiet = subprocess.DEVNULL
    said = subprocess.run(command, stdout=subprocess.PIPE, check=True, stdin=quiet, timeout=_LOOKING)  # noqa: S603 - our own
    return said.stdout.decode(errors="replace").split("\n")[:-1]


def _loop(channel: Channel, settings: dict[str, Any], kind: sandbox.Kind) -> None:
    """Lay out what cards will see, run them, and clear up."""
    scratch = Path(settings["scratch"])
    view = scratch / "view"
    view.mkdir()
    readable = reading.needed(settings["home"], gpu=settings["device"] == "gpu")
    if kind == "namespaces":
        namespaces.lay_out(view, readable, gpu=settings["device"] == "gpu")
    Loop(channel, Starter(settings, kind, view, readable)).run()
    if kind == "namespaces":
        linux.unmount(str(view))  # or else what is shown there would be removed with it
    shutil.rmtree(scratch, ignore_errors=True)
