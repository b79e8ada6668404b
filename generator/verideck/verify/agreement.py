"""Whether the CPU and the GPU printed the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verideck.model import Problem, Span, Verdict
from verideck.verify.compare import GPU, compare

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
        mismatch = compare(here.got, there.got, GPU)
        if mismatch is not None:
            span = Span(here.snippet.span.path, here.snippet.span.line)
            detail = (
                f"CPU: {mismatch.want.strip() or '(nothing more)'}\nGPU: {mismatch.got.strip() or '(nothing more)'}"
            )
            message = f"the snippet on line {span.line} printed one thing on the CPU and another on the GPU"
            yield Problem(span, "VD513", message, _HINT, detail=detail)
