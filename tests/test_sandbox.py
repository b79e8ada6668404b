"""The sandbox: harm is tried inside each kind, and outside, where it must succeed, or else it proves nothing."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import platform
import resource
import socket
import struct
import subprocess
import sys
from functools import partial
from pathlib import Path
from textwrap import indent

import pytest

from cards import GOOD, PLAIN, python, run_cards
from examples import lay_out

KINDS = ["namespaces", "landlock"]
TRY = """\
import os, shutil, signal, socket, subprocess, sys
def tried(what):
    try:
        what()
    except OSError:
        print("refused")
    else:
        print("done")
"""


def outcome_of(root: Path, code: str, sandbox: str) -> str:
    """What a card prints that tries something: `refused`, or `done`."""
    run = run_cards(root, python(TRY + code), sandbox=sandbox)
    (verdict,) = run.verdicts
    assert verdict.outcome == "pass", verdict.reason
    assert run.hello.sandbox == ("none" if sandbox == "off" else sandbox)
    return verdict.got.strip()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with a secret in it."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "secret").write_text("sesame")
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.mark.parametrize("sandbox", [*KINDS, "off"])
@pytest.mark.parametrize(
    "attempt",
    [
        "open('{home}/secret').read()",
        "os.listdir('{home}')",
        "open('{home}/planted', 'w')",
        "open('{home}/secret', 'a')",
        "os.mkdir('{home}/folder')",
        "os.unlink('{home}/secret')",
        "os.rename('{home}/secret', '{home}/other')",
        "os.symlink('{home}/secret', '{home}/link')",
        "subprocess.run(['cat', '{home}/secret'], check=True, capture_output=True)",
        "os.truncate('{home}/secret', 0)",
        "shutil.rmtree('{home}')",
    ],
)
def test_the_home_folder_is_neither_read_nor_written(tmp_path: Path, home: Path, attempt: str, sandbox: str) -> None:
    attempt = attempt.format(home=home)
    code = f"def attempt():\n    try:\n        {attempt}\n"
    code += "    except subprocess.CalledProcessError:\n        raise OSError\n"
    said = outcome_of(tmp_path / "project", code + "tried(attempt)", sandbox)
    assert said.splitlines()[-1] == ("done" if sandbox == "off" else "refused")
    if sandbox != "off":
        assert (home / "secret").read_text() == "sesame"
        assert [path.name for path in home.iterdir()] == ["secret"]


@pytest.mark.parametrize("sandbox", KINDS)
@pytest.mark.parametrize("place", ["/var/planted", "/usr/planted", "/etc/planted", "/planted", sys.prefix + "/planted"])
def test_nothing_is_written_outside_the_scratch(tmp_path: Path, place: str, sandbox: str) -> None:
    assert outcome_of(tmp_path, f"tried(lambda: open({place!r}, 'w'))", sandbox) == "refused"
    assert not Path(place).exists()


@pytest.mark.parametrize("sandbox", KINDS)
@pytest.mark.parametrize("place", ["/etc/shadow", "/etc/passwd", "/root", "/home", "/var/log", "/proc/1/environ"])
def test_what_python_does_not_need_is_not_read(tmp_path: Path, place: str, sandbox: str) -> None:
    code = f"place = {place!r}\ndef attempt():\n"
    code += "    if not os.path.isdir(place): return open(place).read()\n"
    code += "    above = [path for path in sys.path + [sys.prefix, sys.base_prefix] if path.startswith(place + '/')]\n"
    code += "    on_the_way = {path[len(place) + 1:].split('/')[0] for path in above}\n"
    code += "    if set(os.listdir(place)) <= on_the_way: raise PermissionError\ntried(attempt)"
    assert outcome_of(tmp_path, code, sandbox) == "refused"


@pytest.mark.parametrize("sandbox", [*KINDS, "off"])
def test_secrets_of_the_environment_are_not_seen(tmp_path: Path, sandbox: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_TOKEN", "sesame")
    code = f"print('MY_TOKEN' in os.environ)\ntried(lambda: open('/proc/{os.getpid()}/environ').read())"
    want = "False\ndone" if sandbox == "off" else "False\nrefused"
    assert outcome_of(tmp_path, code, sandbox) == want


@pytest.mark.parametrize("sandbox", [*KINDS, "off"])
@pytest.mark.parametrize("kind", ["SOCK_STREAM", "SOCK_DGRAM"])
def test_the_network_is_not_reached_not_even_loopback(tmp_path: Path, kind: str, sandbox: str) -> None:
    with socket.socket(socket.AF_INET, getattr(socket, kind)) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(0)
        if kind == "SOCK_STREAM":
            listener.listen()
        code = (
            f"s = socket.socket(socket.AF_INET, socket.{kind})\ns.connect(('127.0.0.1', {listener.getsockname()[1]}))\n"
        )
        code = f"def attempt():\n{indent(code + 's.send(b' + repr('sesame') + ')', '    ')}\ntried(attempt)"
        said = outcome_of(tmp_path, code, sandbox)
        heard = waiting_at(listener)
    own_loopback = sandbox == "namespaces" and kind == "SOCK_DGRAM"  # what it sends goes nowhere, which is no error
    assert said == ("done" if sandbox == "off" or own_loopback else "refused")
    assert heard == (b"sesame" if sandbox == "off" else b"")


def waiting_at(listener: socket.socket) -> bytes:
    """What the system has taken in for a listener, from whoever may be gone by now."""
    try:
        if listener.type != socket.SOCK_STREAM:
            return listener.recv(100)
        connection, _ = listener.accept()
        with connection:
            return connection.recv(100)
    except BlockingIOError:
        return b""


def test_a_card_reaches_itself_over_its_own_loopback(tmp_path: Path) -> None:
    code = "with socket.create_server(('127.0.0.1', 0)) as server:\n"
    code += "    tried(lambda: socket.create_connection(('localhost', server.getsockname()[1])).close())"
    assert outcome_of(tmp_path, code, "namespaces") == "done"


@pytest.mark.parametrize("sandbox", [*KINDS, "off"])
@pytest.mark.parametrize("abstract", [True, False])
def test_other_processes_sockets_are_not_reached(tmp_path: Path, sandbox: str, *, abstract: bool) -> None:
    name = f"\0verideck-{os.getpid()}" if abstract else str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(name)
        listener.listen()
        code = f"tried(lambda: socket.socket(socket.AF_UNIX).connect({name!r}))"
        want = "done" if sandbox == "off" else "refused"
        said = outcome_of(tmp_path / "project", code, sandbox)
    assert said == want


@pytest.mark.parametrize("sandbox", [*KINDS, "off"])
def test_other_processes_are_not_ended(tmp_path: Path, sandbox: str) -> None:
    with subprocess.Popen(["sleep", "60"]) as bystander:
        said = outcome_of(tmp_path, f"tried(lambda: os.kill({bystander.pid}, signal.SIGKILL))", sandbox)
        alive = bystander.poll() is None
        bystander.kill()
    assert said == ("done" if sandbox == "off" else "refused")
    assert alive or sandbox == "off"


@pytest.mark.parametrize("sandbox", KINDS)
@pytest.mark.parametrize(
    "change", ["os.chmod({path}, 0)", "os.utime({path}, (1, 1))", "os.setxattr({path}, 'user.x', b'x')"]
)
def test_modes_times_and_attributes_of_others_files_stay(tmp_path: Path, change: str, sandbox: str) -> None:
    path = tmp_path / "file"
    path.touch()
    before = path.stat()
    outcome_of(tmp_path / "project", f"tried(lambda: {change.format(path=repr(str(path)))})", sandbox)
    after = path.stat()
    assert (after.st_mode, after.st_mtime, os.listxattr(path)) == (before.st_mode, before.st_mtime, [])


@pytest.mark.parametrize("sandbox", KINDS)
def test_limits_of_other_processes_stay(tmp_path: Path, sandbox: str) -> None:
    with subprocess.Popen(["sleep", "60"]) as bystander:
        code = f"import resource\ntried(lambda: resource.prlimit({bystander.pid}, resource.RLIMIT_CPU, (1, 1)))"
        said = outcome_of(tmp_path, code, sandbox)
        limit = resource.prlimit(bystander.pid, resource.RLIMIT_CPU)
        bystander.kill()
    assert (said, limit) == ("refused", (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@pytest.mark.parametrize("sandbox", KINDS)
@pytest.mark.parametrize(
    "call", ["unshare(0x10000000)", "unshare(0x20000)", "syscall(425, 8, None)", "syscall(435, None, 0)"]
)
def test_no_new_namespaces_and_no_calls_past_the_filter(tmp_path: Path, call: str, sandbox: str) -> None:
    code = f"import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nprint('refused' if libc.{call} < 0 and "
    code += "ctypes.get_errno() in (13, 38) else 'done')"
    assert outcome_of(tmp_path, code, sandbox) == "refused"


def test_a_home_on_the_path_is_not_shown(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "module_of_mine.py").write_text("x = 1")
    monkeypatch.setenv("PYTHONPATH", str(home))
    assert outcome_of(tmp_path / "project", f"tried(lambda: os.listdir({str(home)!r}))", "namespaces") == "refused"


@pytest.mark.parametrize("sandbox", KINDS)
@pytest.mark.parametrize("isolation", ["fork", "spawn", "cold"])
def test_ordinary_work_goes_on_in_it(tmp_path: Path, sandbox: str, isolation: str) -> None:
    code = """\
import json, multiprocessing, os, pathlib, subprocess, sys, tempfile, threading
pathlib.Path("file").write_text("x")
with tempfile.TemporaryDirectory() as folder:
    pathlib.Path(folder, "y").write_text("y")
print(os.listdir(), pathlib.Path.home() == pathlib.Path.cwd())
print(subprocess.run([sys.executable, "-c", "print(6 * 7)"], capture_output=True, text=True).stdout)
thread = threading.Thread(target=print, args=("thread",))
thread.start(); thread.join()
try:
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(pool.map(abs, [-1, 2]))
except PermissionError:
    print("no locks between processes")
import sqlite3, ssl, zoneinfo, uuid
print(sqlite3.connect("db").execute("select 1").fetchall(), len(uuid.uuid4().hex), len(os.urandom(3)))
"""
    (verdict,) = run_cards(tmp_path, python(code), sandbox=sandbox, isolation=isolation).verdicts
    assert verdict.outcome == "pass", verdict.reason
    pool = "[1, 2]" if sandbox == "namespaces" else "no locks between processes"
    wanted = f"['file'] True 42 thread {pool} [(1,)] 32 3"
    assert " ".join(verdict.got.split()) == wanted


@pytest.mark.parametrize(("sandbox", "isolation"), [(KINDS[0], "fork"), (KINDS[0], "spawn"), (KINDS[1], "fork")])
def test_tensorflow_works_in_it(tmp_path: Path, sandbox: str, isolation: str) -> None:
    code = "import tensorflow as tf\nlayer = tf.keras.layers.Dense(1, kernel_initializer='ones')\n"
    code += "print(tf.function(layer)(tf.ones((1, 3))).numpy())\nlayer = tf.keras.Sequential([layer])\n"
    code += "tf.saved_model.save(tf.Module(), 'saved')\n"
    code += "print(list(tf.data.Dataset.range(3).map(lambda x: x * 2).as_numpy_iterator()))"
    (verdict,) = run_cards(
        tmp_path, python(code, output="[[3.]]\n[0, 2, 4]"), sandbox=sandbox, isolation=isolation
    ).verdicts
    assert verdict.outcome == "pass", verdict.reason


UNSHARE = {"x86_64": (272,), "aarch64": (97,)}[platform.machine()]
LANDLOCK = (444,)


def forbid(*calls: int) -> None:
    """Let system calls of these numbers fail in this process and all that it starts, as containers do (seccomp(2))."""
    libc = ctypes.CDLL(None, use_errno=True)
    steps = [(0x20, 0, 0, 0)]
    for call in calls:
        steps += [(0x15, 0, 1, call), (0x06, 0, 0, 0x00050000 | errno.EPERM)]
    steps.append((0x06, 0, 0, 0x7FFF0000))
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code)))
    assert libc.prctl(38, 1, 0, 0, 0) == 0
    assert libc.prctl(22, 2, program, 0, 0) == 0


def verify_without(root: Path, calls: tuple[int, ...], *options: str) -> subprocess.CompletedProcess[str]:
    lay_out(root, f"# One? {{#one}}\n\nYes.\n\n{GOOD}", PLAIN)
    command = [sys.executable, "-m", "verideck", "verify", "--format", "json", *options]
    kept = partial(forbid, *calls)
    return subprocess.run(command, cwd=root, capture_output=True, text=True, preexec_fn=kept, check=False)


def test_where_namespaces_are_not_allowed_landlock_serves(tmp_path: Path) -> None:
    result = verify_without(tmp_path, UNSHARE)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["sandbox"] == "landlock"


def test_where_there_is_no_sandbox_that_is_said(tmp_path: Path) -> None:
    result = verify_without(tmp_path, (*UNSHARE, *LANDLOCK))
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["sandbox"] == "none"
    text = verify_without(tmp_path / "again", (*UNSHARE, *LANDLOCK), "--format", "text", "--fresh").stdout
    assert "sandbox: none" in text
    assert "namespaces: unshare: Operation not permitted" in text


@pytest.mark.parametrize("command", ["verify", "build"])
def test_required_refuses_to_run_without_one(tmp_path: Path, command: str) -> None:
    lay_out(tmp_path, f"# One? {{#one}}\n\nYes.\n\n{GOOD}", PLAIN)
    arguments = [sys.executable, "-m", "verideck", command, "--sandbox", "required"]
    kept = partial(forbid, *UNSHARE, *LANDLOCK)
    result = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, preexec_fn=kept, check=False)
    assert result.returncode == 2
    assert "there is no sandbox here, and --sandbox required asks for one: namespaces: unshare" in result.stderr
    assert not (tmp_path / "build").exists()


def test_required_runs_where_there_is_one(tmp_path: Path) -> None:
    result = verify_without(tmp_path, (), "--sandbox", "required")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["sandbox"] in KINDS
