"""The fork server's program, run by its file's name: in its own or in any other Python environment.

`SETTINGS` serve; `--child TOLD` is a new Python for a card; `--gpus` prints the GPUs that TensorFlow sees, a line each.
"""

from __future__ import annotations

import json
import sys
import types
from pathlib import Path

_PACKAGE = Path(__file__).parent.parent
sys.path[:] = [entry for entry in sys.path if entry not in ("", str(Path.cwd()), str(_PACKAGE / "isolate"))]
if "verideck" not in sys.modules:  # it need not be installed here, and what is beside it must not be found
    _package = types.ModuleType("verideck")
    _package.__path__ = [str(_PACKAGE)]
    sys.modules["verideck"] = _package

from verideck.isolate import child, devices, server  # noqa: E402 - found only now


def main(arguments: list[str]) -> None:
    """Serve, or be a card's process, or tell the GPUs."""
    if arguments[0] == "--child":
        child.wait(json.loads(arguments[1]))
    elif arguments[0] == "--gpus":
        child.preload(["tensorflow"])
        sys.stdout.write("".join(f"{name}\n" for name in devices.gpus()))
    else:
        server.serve(json.loads(arguments[0]))


if __name__ == "__main__":
    main(sys.argv[1:])
