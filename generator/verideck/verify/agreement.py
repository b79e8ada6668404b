"""Whether the CPU and the GPU printed the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verideck.model import Problem, Span, Verdict
from verideck.verify.compare import GPU, CompareTimeoutError, compare

_HINT = "compare with fewer digits, or say for which device the snippet is: `gpu` behind python"


def disagreements(cpu: Sequence[Verdict], gpu: Sequence[Verdict]) -> Iterator[Problem]:
    """A problem for each snippet that ran through on both and printed what differs by more than the GPU profile allows.

    Each may agree with what the card wants, whose tolerance reaches to either side, and yet not with the other.
    """
    on_gpu = {verdict.snippet.span: verdict for verdict in gpu}
    for here in cpu:
        there = on_gpu.get(here.snippet.span)
        if there is None or here.outcome != "pass" or there.outcome != "pass" or here.reused or there.reused:
            continue
        detail = _difference(here.got, there.got)
        if detail:
            span = Span(here.snippet.span.path, here.snippet.span.line)
            message = f"the snippet on line {span.line} printed one thing on the CPU and another on the GPU"
            yield Problem(span, "VD513", message, _HINT, detail=detail)


def _difference(cpu: str, gpu: str) -> str:
    """How the two differ, as lines; empty, if they agree."""
    try:
        mismatch = compare(cpu, gpu, GPU)
    except CompareTimeoutError:
        return "they are too long to be compared"
    if mismatch is None:
        return ""
    printed = [text.strip() or "(nothing more)" for text in (mismatch.want, mismatch.got)]
    return f"CPU: {printed[0]}\nGPU: {printed[1]}"
