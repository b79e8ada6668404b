"""Whether the CPU and the GPU printed the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from verideck.model import Evidence, Note, Problem, Span, Verdict
from verideck.verify.compare import GPU, CompareTimeoutError, compare
from verideck.verify.key import keys_of

_HINT = "compare with fewer digits, or say for which device the snippet is: `gpu` behind python"


def paired(known: Mapping[str, Sequence[Evidence]], notes: Iterable[Note]) -> dict[str, Sequence[Evidence]]:
    """What of the lock's evidence is good enough for a run on the GPU that one on the CPU follows.

    What has passed on the GPU and not on the CPU is not: once it passes there, too, we have to see what both print.
    """
    snippets = [pair for n in notes for pair in zip(n.card.snippets(), keys_of(n.card), strict=True)]
    alone = {key for snippet, key in snippets if snippet.options.gpu}
    on_cpu = {_versions(one) for evidence in known.values() for one in evidence if one.device == "cpu"}
    return {
        card: [one for one in evidence if one.device == "cpu" or one.key in alone or _versions(one) in on_cpu]
        for card, evidence in known.items()
    }


def comparable(known: Mapping[str, Sequence[Evidence]], gpu: Sequence[Verdict]) -> dict[str, Sequence[Evidence]]:
    """What of the lock's evidence, by card id, is good enough for a run on the CPU that follows this one on the GPU.

    That of cards which passed anew on the GPU is not: of them we have to see what the CPU prints.
    """
    anew = {verdict.card for verdict in gpu if verdict.outcome == "pass" and not verdict.reused}
    return {card: evidence for card, evidence in known.items() if card not in anew}


def agreeing(cpu: Sequence[Verdict], gpu: Sequence[Verdict]) -> Iterator[Verdict]:
    """The GPU's verdicts; a snippet that passed on both fails, if what it printed differs by more than the GPU profile.

    Each may agree with what the card wants, whose tolerance reaches to either side, and yet not with the other. As it
    then has failed on the GPU, the next run on all devices compares again.
    """
    on_cpu = {verdict.snippet.span: verdict for verdict in cpu}
    for there in gpu:
        here = on_cpu.get(there.snippet.span, there)
        seen = all(one.outcome == "pass" and not one.reused for one in (here, there))
        detail = _difference(here.got, there.got) if seen else ""
        yield _failed(there, detail) if detail else there


def _versions(evidence: Evidence) -> Evidence:
    """It without its device: two that passed on both are the same in this."""
    return replace(evidence, device="", profile="")


def _failed(verdict: Verdict, detail: str) -> Verdict:
    span = Span(verdict.snippet.span.path, verdict.snippet.span.line)
    message = f"the snippet on line {span.line} printed one thing on the CPU and another on the GPU"
    problem = Problem(span, "VD513", message, _HINT, detail=detail)
    evidence = replace(verdict.evidence, outcome="fail") if verdict.evidence else None
    return replace(verdict, outcome="fail", reason=message, problem=problem, evidence=evidence)


def _difference(cpu: str, gpu: str) -> str:
    """How the two differ, as lines; empty, if they agree."""
    try:
        mismatch = compare(cpu, gpu, GPU, literal=True)
    except CompareTimeoutError:
        return "they are too long to be compared"
    if mismatch is None:
        return ""
    printed = [text.strip() or "(nothing more)" for text in (mismatch.want, mismatch.got)]
    return f"CPU: {printed[0]}\nGPU: {printed[1]}"
