"""On a worker of a cluster: its one fork server, to which all of the worker's threads give their cards.

Imports Dask distributed, and so is imported only where cards run on a cluster.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import replace
from itertools import count
from threading import Lock, Thread, Timer

from distributed import Worker, WorkerPlugin

from verideck import __version__
from verideck.environments import CannotMakeError, ensure
from verideck.verify import local
from verideck.verify.environment import Environment, environment
from verideck.verify.execution import ClusterError, Event, Execution, Report, Request
from verideck.verify.server import serving

MODULES = ("tensorflow", "keras", "numpy")
"""The libraries of which a worker must have the versions that are assumed of it."""

IDLE = 120.0
"""Seconds without a card after which a server is ended: whoever started the run may have been killed."""


class ServerDiedError(Exception):
    """The server ended before the card did."""


class SharedServer:
    """A running fork server that several threads ask at a time; one more listens, and tells each what is its own."""

    def __init__(self, preload: Sequence[str], execution: Execution) -> None:
        self._leaving = ExitStack()
        self._server = self._leaving.enter_context(serving(preload, execution))
        self.hello = self._server.hello
        self.over = False
        self._lock = Lock()
        self._numbers = count()
        self._asked: dict[int, Future[Sequence[Event]]] = {}
        Thread(target=self._listen, daemon=True).start()

    def ask(self, request: Request) -> Sequence[Event]:
        """Run a card; returns when it has ended. Raises `ServerDiedError`."""
        answer: Future[Sequence[Event]] = Future()
        with self._lock:
            if self.over:
                raise ServerDiedError
            number = next(self._numbers)  # Dask may give a card to a worker that still has it under way
            self._asked[number] = answer
            self._server.send({**request, "id": number})
        return answer.result()

    def close(self) -> None:
        """End the server and its cards."""
        self._leaving.close()

    def _listen(self) -> None:
        events: defaultdict[int, list[Event]] = defaultdict(list)
        try:
            for event in self._server.events():
                events[event["id"]].append(event)
                if event["event"] in ("done", "gone") and (answer := self._asked.pop(event["id"], None)):
                    answer.set_result(events.pop(event["id"]))
        finally:
            with self._lock:
                self.over = True
            for answer in self._asked.values():
                answer.set_exception(ServerDiedError())


class CardServer(WorkerPlugin):  # type: ignore[misc]  # a class of a package that is not looked into
    """Runs cards on its worker: keeps a server, from the first card on until it is removed, and replaces it if it dies.

    Is made where the run is, and sent to every worker that there is or will be. `expected` is the environment that the
    run assumes. Raises `ClusterError` where the worker has another one, or another Verideck.
    """

    def __init__(self, preload: Sequence[str], execution: Execution, expected: Environment) -> None:
        self._preload = tuple(preload)
        self._execution = replace(execution, interpreter="", cluster="")
        self._expected = expected
        self._version = __version__

    def setup(self, worker: Worker) -> None:
        """Get ready on this worker. No server is started yet: its imports would keep the worker from answering."""
        self._address = worker.address
        self._execution = replace(self._execution, jobs=worker.state.nthreads)
        self._lock = Lock()
        self._server: SharedServer | None = None
        self._under_way = 0
        self._idle = Timer(IDLE, self._rest)
        self._over = False
        if self._version != __version__:
            message = f"the worker {self._address} has Verideck {__version__}, and this is {self._version}"
            raise ClusterError(message)

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - Dask's signature
        """End the server, in a thread, since a worker that waits cannot answer its scheduler."""
        self._over = True
        Thread(target=self._rest, kwargs={"at_once": True}).start()

    def run(self, request: Request) -> Report:
        """Run a card in one of the worker's threads; returns when it has ended.

        A card with which the server died is run once more, on a server of its own, so that the one that ended it is
        found, and the others get their verdicts. Raises `ClusterError`, and what `serving` raises.
        """
        try:
            server = self._begin()
            return Report(request["id"], server.ask(request), server.hello)
        except ServerDiedError:
            if self._over:
                raise ClusterError(_OVER) from None
        finally:
            self._end()
        (report,) = local.run([request], self._preload, replace(self._ready(), jobs=1))
        return report

    def _begin(self) -> SharedServer:
        """The server that serves, for one more card."""
        with self._lock:
            self._idle.cancel()
            self._under_way += 1
            if self._server is None or self._server.over:
                if self._over:
                    raise ClusterError(_OVER)
                if self._server:
                    self._server.close()
                self._server = None
                self._server = SharedServer(self._preload, self._ready())
            return self._server

    def _end(self) -> None:
        with self._lock:
            self._under_way -= 1
            if not self._under_way:
                self._idle = Timer(IDLE, self._rest)
                self._idle.daemon = True
                self._idle.start()

    def _rest(self, *, at_once: bool = False) -> None:
        """End the server, if no card is under way or it has to be at once."""
        with self._lock:
            self._idle.cancel()
            if self._server and (at_once or not self._under_way):
                self._server.close()
                self._server = None

    def _ready(self) -> Execution:
        """The execution on this worker, with an interpreter of its own where a version is asked for."""
        execution = self._execution
        try:
            interpreter = ensure(execution.tensorflow, execution.requires) if execution.tensorflow else None
        except CannotMakeError as error:
            message = f"the worker {self._address} has no such environment: {error}"
            raise ClusterError(message) from None
        found = environment(MODULES, interpreter)
        if found != self._expected:
            message = f"the worker {self._address} has {_named(found)}; this run is for {_named(self._expected)}"
            raise ClusterError(message)
        return replace(execution, interpreter=str(interpreter or ""))


_OVER = "the run is over"


def _named(environment: Environment) -> str:
    names = {"python": "Python", "tensorflow": "TensorFlow", "keras": "Keras", "numpy": "NumPy"}
    return ", ".join(f"{name} {getattr(environment, field) or '(none)'}" for field, name in names.items())
