"""The fork server: imports once, makes sure that it may be forked from, and serves."""

from __future__ import annotations

import gc
import importlib
import logging
import os
import platform
import signal
import sys
from typing import Any

from verideck.isolate import child, gate
from verideck.isolate.loop import Loop


def preload(modules: list[str]) -> None:
    """Import what the snippets need. `tf.keras` is loaded on first use, so it is used."""
    for module in modules:
        importlib.import_module(module)
    if "tensorflow" in sys.modules:
        _ = sys.modules["tensorflow"].keras.layers
        for name in ("tensorflow", "absl"):
            logging.getLogger(name).setLevel(logging.ERROR)  # advice on retracing and the like is no output


def versions() -> dict[str, str]:
    """The versions of Python and of those libraries that evidence names, as loaded in this process."""
    found = {"python": ".".join(platform.python_version_tuple()[:2])}
    for name in ("tensorflow", "keras", "numpy"):
        if name in sys.modules:
            found[name] = str(getattr(sys.modules[name], "__version__", ""))
    return found


def serve(settings: dict[str, Any]) -> None:
    """Serve until standard input ends.

    `settings`: `preload`, `jobs`, `isolation` (`fork` or `cold`), and `scratch`, a folder to use and to remove.

    The first line out is `hello`, with the isolation in force, why it is not the one asked for, and
    the versions. If an import fails, `hello` has `error` and nothing else is served.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the end of input tells us
    answers = os.dup(1)
    quiet = os.open(os.devnull, os.O_RDWR)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    channel = child.Channel(answers)
    child.prctl(36, 1)  # PR_SET_CHILD_SUBREAPER: orphans of the cards fall to us, and not to init
    isolation, reason = settings["isolation"], ""
    try:
        preload(settings["preload"])
    except Exception as error:  # noqa: BLE001 - whatever an import raises is an answer
        channel.send({"event": "hello", "error": f"{type(error).__name__}: {error}"})
        return
    if isolation == "fork":
        reason = gate.refusal()
        isolation = "cold" if reason else "fork"
    gc.collect()
    gc.freeze()  # children then collect only their own garbage, and share the rest of our pages
    channel.send({"event": "hello", "isolation": isolation, "reason": reason, "versions": versions()})
    Loop(channel, settings, isolation).run()
