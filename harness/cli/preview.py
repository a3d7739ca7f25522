"""`harness run --dry-run`: the first prompts of each arm, and what the run would ask; asks nothing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from harness.contracts import Task
from harness.data import Prompt
from harness.forecast import CHARACTERS, SAMPLE, per_document
from harness.opening import check_fit, limits
from harness.plan import Plan
from harness.preparing import Prepared, prepare
from harness.registry import Registry


def print_preview(plan: Plan, registry: Registry) -> None:
    """Print the prompts and the numbers."""
    prepared = prepare(plan, registry)
    check_fit(prepared.evaluation, prepared.options, prepared.tasks, None, plan.model)
    for task in prepared.tasks.values():
        for line in task_preview(task, plan, prepared):
            print(line)


def task_preview(task: Task, plan: Plan, prepared: Prepared) -> Iterator[str]:
    """Yield the lines of one task."""
    documents = limits(plan, prepared.tasks)[task.name]
    sample = [task.requests(doc) for doc in islice(task.docs(), min(documents, SAMPLE))]
    if not sample:
        yield f"{task.name}: no documents"
        return
    first = sample[0][0]
    for arm, prompt in arms(first.prompt, prepared):
        yield f"--- {task.name}, arm {arm} ---"
        for message in prompt.messages:
            yield f"[{message.role}]\n{message.content}" if prompt.chat else message.content
        if prompt.prefix:
            yield f"[prefix] {prompt.prefix}"
    if first.continuation:
        yield f"[continuation] {first.continuation!r}"
    yield "---"
    each = per_document(prepared, sample)
    size = sum(len(request.prompt.text) + len(request.continuation) for asked in sample for request in asked) / sum(
        map(len, sample)
    )
    requests = documents * sum(each.values())
    yield f"{task.name}: {documents:,} documents"
    shares = ", ".join(f"{arm} {count:g}" for arm, count in each.items())
    yield f"requests, at most: {requests:,.0f} ({shares} a document)"
    yield f"prompt tokens, about: {requests * size / CHARACTERS:,.0f}"
    if first.kind == "generate":
        yield f"answer tokens, at most: {requests * first.sampling.max_tokens:,.0f}"


def arms(prompt: Prompt, prepared: Prepared) -> Iterator[tuple[str, Prompt]]:
    """Yield the prompt of each arm."""
    if prepared.evaluation.preview is None:
        yield "plain", prompt
        return
    yield from prepared.evaluation.preview(prompt, prepared.options)
