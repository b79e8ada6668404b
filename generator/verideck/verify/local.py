"""Requests run on this machine: by a fork server, and by another one if that dies."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping, Sequence

from verideck.verify.execution import CannotServeError, Event, Execution, Report, Request
from verideck.verify.server import serving

DIED = "the process that runs the cards died before it had run one"


def run(requests: Sequence[Request], preload: Sequence[str], execution: Execution) -> Iterator[Report]:
    """Run the requests, and report each when it has ended.

    A server that dies is replaced. The cards that were under way are then run one by one, so that the one
    that killed it is found, and the others get their verdicts.
    """
    waiting = {request["id"]: request for request in requests}
    suspects: list[int] = []
    while waiting:
        batch = [suspects.pop()] if suspects else list(waiting)
        events: dict[int, list[Event]] = {number: [] for number in batch}
        with serving(preload, execution) as server:
            for event in server.run([waiting[number] for number in batch]):
                events.setdefault(event["id"], []).append(event)
                if event["event"] in ("done", "gone") and event["id"] in waiting:
                    del waiting[event["id"]]
                    yield Report(event["id"], events[event["id"]], server.hello)
        if not server.sent:
            raise CannotServeError(DIED)
        under_way = [number for number in server.sent if number in waiting]
        if under_way and len(batch) == 1:
            del waiting[batch[0]]
            yield Report(batch[0], [*events[batch[0]], killed(events[batch[0]])], server.hello)
        elif under_way:
            suspects = under_way


def killed(events: Sequence[Event]) -> Mapping[str, object]:
    """What is said of a card with which its server died."""
    snippet = max((event["snippet"] for event in events if "snippet" in event), default=0)
    return {"event": "gone", "snippet": snippet, "seconds": 0.0, "why": "crash", "status": -signal.SIGKILL, "said": ""}
