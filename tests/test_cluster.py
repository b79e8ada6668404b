"""Cards on a Dask cluster of real processes, all of them on 127.0.0.1, some of them killed in the middle of a run."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from distributed import Client

from cards import PLAIN, python, run_cards, text_of, wait_until
from examples import CARD, lay_out
from verideck.verify import Execution, Run, worker
from verideck.verify.environment import environment

GENERATOR = Path(__file__).parent.parent / "generator"
DEADLINE = 40  # seconds for what takes a few
LOCAL = ("--host", "127.0.0.1", "--no-dashboard", "--dashboard-address", "127.0.0.1:0")
KILL_WORKER = """\
import os, signal
server = os.getppid()
stat = open(f"/proc/{server}/stat").read()
os.kill(int(stat.rpartition(")")[2].split()[1]), signal.SIGKILL)
"""


class Cluster:
    """A scheduler and its workers, by name."""

    def __init__(self, folder: Path, failures: int) -> None:
        self.folder = folder
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        settings = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(failures)}
        file = folder / "scheduler.json"
        self._start("scheduler", "scheduler", "--port", "0", "--scheduler-file", str(file), **settings)
        wait_until(file.exists, DEADLINE)
        self.address = json.loads(file.read_text())["address"]

    def add(self, name: str, *options: str, path: Path = GENERATOR) -> None:
        """Start a worker with one thread that nobody restarts, if the options do not say otherwise."""
        options = (*(options or ("--nthreads", "1", "--no-nanny")), "--local-directory", str(self.folder))
        self._start(name, "worker", self.address, "--name", name, *options, PYTHONPATH=f"{path}:{GENERATOR}")

    def kill(self, name: str) -> None:
        self.processes[name].kill()
        self.processes[name].wait()

    def _start(self, name: str, *command: str, **variables: str) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "dask", *command, *LOCAL],
                stdout=log, stderr=log, env={**os.environ, "PYTHONPATH": str(GENERATOR), **variables},
            )  # fmt: skip

    @contextmanager
    def client(self, workers: int) -> Iterator[Client]:
        """A client of our own, once so many workers are there."""
        with Client(self.address, set_as_default=False, timeout=DEADLINE) as client:
            client.wait_for_workers(workers, timeout=DEADLINE)
            yield client


@contextmanager
def running(folder: Path, failures: int = 1) -> Iterator[Cluster]:
    cluster = Cluster(folder, failures)
    try:
        yield cluster
    finally:
        for process in reversed(cluster.processes.values()):
            process.terminate()  # a nanny has a worker to end, and a worker tells its scheduler
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=3)
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def two(tmp_path_factory) -> Iterator[Cluster]:
    with running(tmp_path_factory.mktemp("two")) as cluster:
        cluster.add("first")
        cluster.add("second")
        with cluster.client(2):
            yield cluster


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Cluster]:
    with running(tmp_path, failures=0) as cluster:
        yield cluster


def prints(code: str, output: str) -> str:
    return python(f"print({code})", output=output)


def outcomes(run: Run) -> list[tuple[str, str]]:
    return [(verdict.card, verdict.outcome) for verdict in run.verdicts]


def servers_of(process: subprocess.Popen[bytes]) -> list[str]:
    """The fork servers that a worker has started, by their ids."""
    children = [
        pid for task in Path(f"/proc/{process.pid}/task").glob("*/children") for pid in task.read_text().split()
    ]
    return [pid for pid in children if "isolate" in Path(f"/proc/{pid}/cmdline").read_text()]


def command(root: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "verideck", "verify", str(root), *options]


@contextmanager
def verifying(root: Path, cluster: Cluster) -> Iterator[subprocess.Popen[bytes]]:
    """The command while it runs, from the folder `root` into a pipe."""
    process = subprocess.Popen(command(root, "--cluster", cluster.address), stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_cluster_says_what_this_machine_says(two: Cluster, tmp_path: Path) -> None:
    bodies = (
        prints("1 + 1", "2"), prints("1 + 1", "3"), python("raise ValueError('no')"), python("import os; os._exit(3)"),
        python("while True: pass", "timeout=1"), python("x = 1", 'no-run="not today"'), python("1 / 0", "gpu"),
        python("x = 5") + "\n" + prints("x", "5"), prints("'x' in globals()", "False"),
    )  # fmt: skip
    there, here = run_cards(tmp_path, *bodies, cluster=two.address), run_cards(tmp_path)
    assert [(v.card, v.outcome, v.reason, v.got) for v in there.verdicts] == [
        (v.card, v.outcome, v.reason, v.got) for v in here.verdicts
    ]
    assert {outcome for _, outcome in outcomes(there)} == {"pass", "fail", "error", "crash", "timeout", "skip"}
    assert (there.problems, there.evidence, there.hello) == (here.problems, here.evidence, here.hello)
    for name in ("first", "second"):
        wait_until(lambda name=name: not servers_of(two.processes[name]), DEADLINE)


def test_tensorflow_runs_there(two: Cluster, tmp_path: Path) -> None:
    here = environment(["tensorflow"]).tensorflow
    body = "```python\nimport tensorflow as tf\nprint(tf.matmul([[2]], [[3]]).numpy())\n```\n\n```output\n[[6]]\n```\n"
    run = run_cards(tmp_path, body, body, cluster=two.address)
    assert outcomes(run) == [("card-0", "pass"), ("card-1", "pass")]
    assert {evidence.tensorflow for evidence in run.evidence} == {here}
    chosen = run_cards(tmp_path, cluster=two.address, tensorflow=here, interpreter=sys.executable)
    assert chosen.evidence == run.evidence


def test_what_a_worker_cannot_import_is_a_problem_of_the_deck(two: Cluster, tmp_path: Path) -> None:
    lay_out(tmp_path, text_of(prints("1", "1")), PLAIN + 'preload = ["nowhere_to_be_found"]\n')
    (problem,) = run_cards(tmp_path, cluster=two.address).problems
    assert (problem.code, "No module named 'nowhere_to_be_found'" in problem.message) == ("VD510", True)


def test_what_a_lost_worker_had_runs_elsewhere(two: Cluster, tmp_path: Path) -> None:
    bodies = [python("import time; time.sleep(0.5)") + "\n" + prints(str(i), str(i)) for i in range(10)]
    two.add("victim")
    told: list[str] = []
    with two.client(3) as client:
        workers = client.scheduler_info(n_workers=-1)["workers"]
        victim = next(address for address, worker in workers.items() if worker["name"] == "victim")

        def progress(done: int, _total: int, new) -> None:
            told.extend(verdict.card for verdict in new)
            if done == 2:
                wait_until(lambda: client.processing([victim])[victim], DEADLINE)
                two.kill("victim")

        run = run_cards(tmp_path, *bodies, cluster=two.address, progress=progress)
        assert len(client.scheduler_info(n_workers=-1)["workers"]) == 2
    assert outcomes(run) == [(f"card-{i}", "pass") for i in range(10) for _ in "ab"]
    assert [verdict.got for verdict in run.verdicts[1::2]] == [f"{i}\n" for i in range(10)]
    assert told == [verdict.card for verdict in run.verdicts]


def test_gpu_cards_go_to_workers_that_offer_one(two: Cluster, tmp_path: Path) -> None:
    body = "```python gpu\nimport tensorflow as tf\nprint(tf.add(1, 1).numpy())\n```\n"
    run = run_cards(tmp_path, body, cluster=two.address, device="gpu")
    assert [verdict.outcome for verdict in run.verdicts] == ["skip"]
    assert run.verdicts[0].reason == "no worker of the cluster offers a GPU: start one with --resources GPU=1"
    two.add("gpu", "--nthreads", "1", "--no-nanny", "--resources", "GPU=1")
    with two.client(3) as client:
        run = run_cards(tmp_path, cluster=two.address, device="gpu")
        got = client.run(
            lambda dask_worker: (dask_worker.name, any("compute-task" in entry for entry in dask_worker.state.log))
        )
        assert dict(got.values())["gpu"]
    two.kill("gpu")
    assert run.verdicts[0].outcome == "pass" or run.verdicts[0].reason == "TensorFlow finds no GPU on this machine"


def test_a_card_that_ends_its_server_costs_only_itself(alone: Cluster, tmp_path: Path) -> None:
    alone.add("threads", "--nthreads", "3", "--no-nanny")
    good = python("import time; time.sleep(0.3)")
    killer = python("import os; os.kill(os.getppid(), 9)\nimport time; time.sleep(5)")
    run = run_cards(tmp_path, good, good, killer, good, good, cluster=alone.address, sandbox="off")
    assert [outcome for _, outcome in outcomes(run)] == ["pass", "pass", "crash", "pass", "pass"]


def test_a_card_that_ends_its_worker_costs_only_itself(alone: Cluster, tmp_path: Path) -> None:
    alone.add("nanny", "--nthreads", "2", "--nworkers", "1", "--nanny")
    good = python("import time; time.sleep(0.3)")
    run = run_cards(tmp_path, good, good, python(KILL_WORKER), good, cluster=alone.address, sandbox="off")
    assert [outcome for _, outcome in outcomes(run)] == ["pass", "pass", "crash", "pass"]


def test_ctrl_c_ends_the_cards_there_and_keeps_what_has_passed(two: Cluster, tmp_path: Path) -> None:
    sleeper = python("import time; time.sleep(60)", "timeout=60")
    lay_out(tmp_path, text_of(prints("1", "1"), prints("1", "2"), sleeper), PLAIN)
    with verifying(tmp_path, two) as process:
        assert b"VD501" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=DEADLINE)
    assert b"what has passed is in deck.lock" in said
    assert "card-0" in (tmp_path / "cards/demo/deck.lock").read_text()
    for name in ("first", "second"):
        wait_until(lambda name=name: not servers_of(two.processes[name]), DEADLINE)


def refusal(root: Path, *options: str, **variables: str) -> str:
    """What is said where nothing can run, as one line."""
    if not (root / "cards").exists():
        lay_out(root, text_of(prints("1", "1")), PLAIN)
    done = subprocess.run(
        command(root, *options), capture_output=True, text=True, timeout=DEADLINE * 2, check=False,
        env={**os.environ, **variables},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    return done.stderr.partition("Error: ")[2].strip()


def test_a_worker_must_have_the_versions_that_are_here(alone: Cluster, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "numpy-1.0.dist-info").mkdir(parents=True)
    (other / "numpy-1.0.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 1.0\n")
    alone.add("worker", path=other)
    said = refusal(tmp_path, "--cluster", alone.address)
    assert re.search(r"the worker tcp://\S+ has Python .*, NumPy 1\.0; this run is for Python ", said)


@pytest.mark.parametrize(
    ("module", "said"),
    [
        ("raise ModuleNotFoundError('there is none')", "has no Verideck .*there is none"),
        (f"__version__ = '0.0'\n__path__ = [{str(GENERATOR / 'verideck')!r}]", r"has Verideck 0\.0, and this is \d"),
    ],
)
def test_a_worker_must_have_this_verideck(alone: Cluster, tmp_path: Path, module: str, said: str) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other/verideck.py").write_text(module)
    alone.add("worker", path=tmp_path / "other")
    with alone.client(1):
        assert re.search(said, refusal(tmp_path, "--cluster", alone.address))


def test_a_scheduler_that_goes_away_ends_the_run_and_what_has_passed_is_kept(alone: Cluster, tmp_path: Path) -> None:
    alone.add("worker")
    sleeper = python("import time; time.sleep(60)", "timeout=60")
    lay_out(tmp_path, text_of(prints("1", "1"), prints("1", "2"), sleeper), PLAIN)
    with verifying(tmp_path, alone) as process:
        assert b"VD501" in process.stderr.readline()
        alone.kill("scheduler")
        _, said = process.communicate(timeout=DEADLINE)
    assert process.returncode == 2
    assert said.endswith(b"cannot be used: the connection to its scheduler is lost\n")
    known = [json.loads(line)["evidence"] for line in (tmp_path / "cards/demo/deck.lock").read_text().splitlines()]
    assert [[one["outcome"] for one in evidence] for evidence in known] == [["pass"], ["fail"], []]


def test_nobody_answers_at_that_address(tmp_path: Path) -> None:
    said = refusal(tmp_path, "--cluster", "tcp://127.0.0.1:1")
    assert said.startswith("the cluster at tcp://127.0.0.1:1 cannot be used: no Dask scheduler answers there")
    assert "this one is empty" in refusal(tmp_path, "--cluster", "")
    assert "--jobs is for this machine" in refusal(tmp_path, "--cluster", "127.0.0.1:1", "--jobs", "2")


def test_dask_is_an_extra(tmp_path: Path) -> None:
    (tmp_path / "without").mkdir()
    (tmp_path / "without/distributed.py").write_text("raise ModuleNotFoundError\n")
    said = refusal(tmp_path, "--cluster", "127.0.0.1:1", PYTHONPATH=f"{tmp_path / 'without'}:{GENERATOR}")
    assert said.endswith("Dask distributed is not installed: pip install 'verideck[cluster]'")


def test_a_server_without_cards_ends_and_the_next_card_gets_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "IDLE", 0.2)
    server = worker.CardServer((), Execution(), environment(worker.MODULES))
    server.setup(SimpleNamespace(address="here", state=SimpleNamespace(nthreads=2)))
    snippet = {"code": "print(1)", "line": 1, "session": False, "raises": "", "timeout": 20}
    request = {"id": 7, "path": CARD, "text": "print(1)\n", "seed": 0, "memory": 2**30, "snippets": [snippet]}
    for _ in range(2):
        report = server.run(request)
        assert (report.number, report.events[1]["got"]) == (7, ["1\n"])
        wait_until(lambda: server._server is None)  # noqa: SLF001 - seen from outside it only shows in memory
    server.teardown(SimpleNamespace())
