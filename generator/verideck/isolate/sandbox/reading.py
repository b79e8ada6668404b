"""What a card may read: what this Python, its libraries and the C library need, and nothing that is a person's."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

_SYSTEM = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/nix/store",
    "/gnu/store",
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/sys/devices/system/cpu",  # TensorFlow asks it for processors and caches
    "/sys/devices/system/node",
)
_GPU = ("/sys/bus/pci", "/sys/devices", "/sys/module/nvidia", "/etc/OpenCL", "/etc/vulkan")


def needed(home: str, *, gpu: bool) -> list[str]:
    """The files and folders that a card may read, for this interpreter and what it has loaded so far.

    `home` is the person's, told by who started us: we may run under another name by now.
    """
    python = [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix, *sys.path, _own()]
    libraries = os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)
    paths = [*_SYSTEM, *python, *libraries, *_mapped(), *(_GPU if gpu else ())]
    real = [os.path.realpath(path) for path in paths if path]
    return list(outermost(path for path in (*paths, *real) if not _holds(path, home)))


def outermost(paths: Iterable[str]) -> Iterator[str]:
    """Those that exist, without those that lie in another of them; links are kept beside what they lead to."""
    shown: list[str] = []
    for path in sorted({os.path.normpath(path) for path in paths if path and Path(path).is_absolute()}):
        inside = any(path.startswith(f"{other}/") for other in shown)
        if not inside and os.path.lexists(path):
            shown.append(path) if not Path(path).is_symlink() else None
            yield path


def _own() -> str:
    """The folder of this package, which a cold child runs."""
    return str(Path(__file__).parent.parent.parent)


def _mapped() -> Iterator[str]:
    """The folders of the shared libraries that are loaded (proc(5), *maps*)."""
    try:
        lines = Path("/proc/self/maps").read_text(errors="replace").splitlines()
    except OSError:
        return
    libraries = {line[line.index("/") :] for line in lines if "/" in line and ".so" in line}
    yield from {str(Path(library).parent) for library in libraries}


def _holds(path: str, home: str) -> bool:
    """Whether the home folder is the path, or lies in it: then it would show more than a library."""
    return path in {"/", home} or home.startswith(path.rstrip("/") + "/")
