"""`python -m verideck.isolate SETTINGS` is the fork server, `--child EVENTS CAPTURE PARENT PRELOAD` one cold card."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from verideck.isolate import child, server


def main(arguments: list[str]) -> None:
    """Serve, or run the one request that comes on standard input."""
    if arguments[0] == "--child":
        events, capture, parent = (int(argument) for argument in arguments[1:4])
        request = json.load(sys.stdin)
        child.detach(parent)
        server.preload(json.loads(arguments[4]))
        child.run(request, child.Channel(events), capture)
    server.serve(json.loads(arguments[0]))


if __name__ == "__main__":
    sys.path[:] = [entry for entry in sys.path if entry not in ("", str(Path.cwd()))]  # `-m` puts the folder there
    main(sys.argv[1:])
