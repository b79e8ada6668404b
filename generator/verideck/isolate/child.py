"""A card's process before the card: tied to its server, on its device, in its sandbox; a new Python imports, too."""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from verideck.isolate import card, devices, linux, sandbox
from verideck.isolate.channel import Channel


def detach(parent: int) -> None:
    """Lead a session of one's own, so that the whole group can be ended, and die when `parent` does."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with contextlib.suppress(OSError):  # elsewhere than on Linux the end of its pipe will do
        linux.die_with_parent(signal.SIGKILL)
    if os.getppid() not in (parent, 0):  # 0: the parent is outside of this PID namespace, and its death ends that
        os._exit(1)


def prepare(device: str, kind: sandbox.Kind, place: sandbox.Place) -> None:
    """Before the card's code, and in a new Python before the import: its device, its sandbox, its folder.

    Where memory runs out, the card shall be what the kernel ends, and not the server.
    """
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    devices.choose(device)
    sandbox.enter(kind, place)


@contextlib.contextmanager
def telling(channel: Channel) -> Iterator[None]:
    """In the block, what goes wrong is told as the reason why this process does not get ready."""
    try:
        yield
    except BaseException as error:
        channel.send({"event": "broken", "reason": f"{type(error).__name__}: {error}"[:1000]})
        raise


def wait(told: dict[str, Any]) -> None:
    """In a new Python: get ready, import, wait for a request on standard input, run it."""
    place = told["place"]
    detach(told["parent"])
    folders = {"folder": Path(place["folder"]), "view": Path(place["view"]), "readable": tuple(place["readable"])}
    with telling(channel := Channel(told["events"])):
        prepare(told["device"], told["kind"], sandbox.Place(**{**place, **folders}))
        preload(told["preload"])
        if not os.read(told["go"], 1):
            os._exit(0)  # the server has ended
        os.close(told["go"])
        card.run(json.load(sys.stdin), channel, told["capture"], told["device"])


def preload(modules: list[str]) -> None:
    """Import what the snippets need, and what would else be imported in each card's process, on first use."""
    for module in modules:
        importlib.import_module(module)
    if "numpy" in sys.modules:
        importlib.import_module("numpy.random")
    if "tensorflow" in sys.modules:
        _ = sys.modules["tensorflow"].keras.layers
        for name in ("tensorflow", "absl"):
            logging.getLogger(name).setLevel(logging.ERROR)  # advice on retracing and the like is no output
