"""Requests run on the workers of a Dask cluster: a fork server each, and what a lost one had runs elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING
from uuid import uuid4

from verideck import __version__
from verideck.verify.environment import environment
from verideck.verify.execution import (
    CannotServeError,
    ClusterError,
    Execution,
    Hello,
    NoGpuError,
    Report,
    Request,
    UnprotectedError,
)
from verideck.verify.local import killed

if TYPE_CHECKING:
    from distributed import Client, Future

CONNECT = 5.0
"""Seconds within which a scheduler has to answer."""

_LOOK = 2.0  # seconds without a result after which we look whether there are workers
_LOOKS = 15  # such looks that may find none before we give up: those that were lost may come back
_LOST = "the connection to its scheduler is lost"
_NO_GPU = "no worker of the cluster offers a GPU: start one with --resources GPU=1"


def run(requests: Sequence[Request], preload: Sequence[str], execution: Execution) -> Iterator[Report]:
    """Run the requests on the cluster at `execution.cluster`, and report each when it has ended.

    A card whose worker is lost runs on another one. Dask gives a card up when it has lost several workers, and counts
    those that only waited there, too: so each of these is then run alone, and is what ended its worker if that happens
    again. Raises `ClusterError`, and as `Runner` says what a worker's server raises.
    """
    if not requests:
        return
    with _connected(execution.cluster) as client, _served(client, preload, execution) as service:
        gpu = execution.device == "gpu"
        workers = client.scheduler_info(n_workers=-1)["workers"].values()
        if gpu and workers and not any(worker["resources"].get("GPU") for worker in workers):
            raise NoGpuError(_NO_GPU)
        suspects = []
        for request, report in _results(client, service, requests, gpu=gpu):
            if report:
                yield report
            else:
                suspects.append(request)
        for suspect in suspects:
            ((_, report),) = _results(client, service, [suspect], gpu=gpu)
            lost = Hello(execution.isolation, "", "", "", {})
            yield report or Report(suspect["id"], [killed(())], lost)


def _results(
    client: Client, service: str, requests: Sequence[Request], *, gpu: bool
) -> Iterator[tuple[Request, Report | None]]:
    """Each request with its report, as they end; none where workers were lost with it. What is left is cancelled."""
    from distributed import get_worker

    keys = [f"{service}-{request['id']}-{len(requests)}" for request in requests]
    asked = dict(zip(keys, requests, strict=True))
    ended: SimpleQueue[Future] = SimpleQueue()
    # A lambda travels by its code, so that the scheduler, which reads the graph, needs no Verideck.
    futures = client.map(
        lambda request: get_worker().plugins[service].run(request),  # noqa: PLW0108 - the worker is found there
        requests,
        key=keys,
        pure=False,
        resources={"GPU": 1} if gpu else None,
    )
    try:
        for future in futures:
            future.add_done_callback(ended.put)
        for _ in requests:
            future = _next(ended, client, gpu=gpu)
            yield asked[future.key], _report(future)
            future.release()  # or Dask would make it again when it loses the worker that holds it
    finally:
        with suppress(Exception):  # the scheduler may be gone, and its tasks with it
            client.cancel([future for future in futures if not future.done()])


def _next(ended: SimpleQueue[Future], client: Client, *, gpu: bool) -> Future:
    """The next task that has ended. Raises `ClusterError` where there has been nobody to run it for a while."""
    lacking = 0
    while lacking < _LOOKS:
        with suppress(Empty):
            return ended.get(timeout=_LOOK)
        lacking = 0 if _has_workers(client, gpu=gpu) else lacking + 1
    what = "workers with a GPU" if gpu else "workers"
    message = f"it has had no {what} for {_LOOK * _LOOKS:g} seconds"
    raise ClusterError(message)


def _has_workers(client: Client, *, gpu: bool) -> bool:
    with suppress(OSError):  # the connection is lost; Dask tries again, and cancels the tasks if it fails
        workers = client.scheduler_info(n_workers=-1)["workers"].values()
        return any(worker["resources"].get("GPU") or not gpu for worker in workers)
    return False


def _report(future: Future) -> Report | None:
    """What became of a card; none where its workers were lost."""
    from distributed import KilledWorker

    try:
        report: Report = future.result()
    except KilledWorker:
        return None
    except (CannotServeError, UnprotectedError, NoGpuError, ClusterError):
        raise
    except (CancelledError, OSError):
        raise ClusterError(_LOST) from None
    except Exception as error:
        message = f"a worker could not run a card: {type(error).__name__}: {error}"
        raise ClusterError(message) from error
    return report


async def _knock(address: str) -> None:
    """Connect once and leave: a client that fails tells of it twice, and waits for ever on a program that is silent."""
    from distributed import Security
    from distributed.core import connect

    comm = await connect(address, timeout=CONNECT, **Security().get_connection_args("client"))
    await comm.close()


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    try:
        from distributed import Client
    except ImportError:
        message = "Dask distributed is not installed: pip install 'verideck[cluster]'"
        raise ClusterError(message) from None
    try:
        asyncio.run(asyncio.wait_for(_knock(address), CONNECT))
        client = Client(address, timeout=CONNECT, set_as_default=False, name="verideck")
    except asyncio.TimeoutError:
        message = f"no Dask scheduler answers there within {CONNECT:g} seconds"
        raise ClusterError(message) from None
    except Exception as error:  # OSError, ValueError, and what is raised for another program's answer
        message = f"no Dask scheduler answers there: {error}"
        raise ClusterError(message) from error
    try:
        yield client
    finally:
        client.close(timeout=CONNECT)


@contextmanager
def _served(client: Client, preload: Sequence[str], execution: Execution) -> Iterator[str]:
    """A plugin on every worker, by its name. It is this run's own: two runs never end each other's servers."""
    from verideck.verify.worker import MODULES, CardServer

    service = f"verideck-{uuid4().hex}"
    interpreter = Path(execution.interpreter) if execution.interpreter else None
    plugin = CardServer(preload, execution, environment(MODULES, interpreter))
    try:
        try:
            client.register_plugin(plugin, name=service)
        except ClusterError:
            raise
        except OSError:
            raise ClusterError(_LOST) from None
        except Exception as error:
            message = f"a worker of the cluster has no Verideck {__version__}, which it needs: {error}"
            raise ClusterError(message) from error
        yield service
    finally:
        with suppress(Exception):  # the scheduler may be gone, and its workers with it
            client.unregister_worker_plugin(service)
