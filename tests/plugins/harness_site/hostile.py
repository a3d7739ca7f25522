"""A plugin whose model says whatever could hurt a page, and is named so; and ratings, for the ordinal board.

`--model hostile` answers sums rightly, after a text that is hostile; a prompt with a constraint makes every third wrong.
"""

from contextlib import asynccontextmanager
from dataclasses import dataclass

from harness import Backend, Response, Sampling, TaskSpec, TaskSuite, Usage, hookimpl
from harness.testing import ListSource, ListTask

NAME = '<img src=x onerror="window.hurt=1">\u202e {{7*7}}'
LONG = 5 << 20
TEXTS = (
    "<script>window.hurt = 1</script>",
    '<img src=x onerror="window.hurt=1"><svg onload="window.hurt=1">',
    '<a href="javascript:window.hurt=1">here</a> [there](javascript:window.hurt=1) ![x](http://example.org/x.png)',
    "{{ 7*7 }} {% raw %} ${7*7} <%= 7*7 %> $\\href{javascript:window.hurt=1}{x}$ \\input{/etc/passwd}",
    "a\x00b\x1b[31mc\x7fd\u2028e",
    "\u202eabc\u202c \u2066x\u2069 שלום \u200bend",
    "</pre></main></body></html><h1>out</h1><!-- ",
    "0123456789abcdef" * (LONG >> 4),
)
ROWS = tuple({"question": f"What is {n} + {n}? {TEXTS[n][:60]}", "answer": str(2 * n)} for n in range(len(TEXTS)))
TASKS = {
    "talk": ListTask(name="talk", rows=ROWS, sampling=Sampling(temperature=0.0)),
    "stars": ListTask(
        name="stars",
        rows=tuple({"question": f"Item {n}.", "answer": str(n % 5 + 1)} for n in range(20)),
        spec=TaskSpec(name="stars", labels=("1", "2", "3", "4", "5")),
    ),
}


@dataclass(frozen=True)
class Hostile:
    can = frozenset({"generate", "loglikelihood"})
    deterministic = True
    concurrency = 8
    identity = {"backend": "hostile", "name": NAME}  # noqa: RUF012

    async def generate(self, request):
        text = request.prompt.asked.content
        number = int(text.split("What is ")[1].split(" +")[0])
        wrong = "words" in text and number % 3 == 0
        said = f"{TEXTS[number]} That makes {2 * number + wrong}"
        return Response(text=said, usage=Usage(prompt_tokens=12, completion_tokens=len(said) // 4))

    async def loglikelihood(self, request):
        number = int(request.prompt.asked.content.split("Item ")[1].split(".")[0])
        near = abs(int(request.continuation.strip() or 0) - (number % 5 + 1 + number % 2))
        return Response(logprob=-float(near), greedy=near == 0)


@hookimpl
def harness_backends():
    @asynccontextmanager
    async def opened(rest, options):
        yield Hostile()

    yield Backend(name="hostile", summary="", open=opened)


@hookimpl
def harness_task_suites():
    specs = tuple(TaskSpec(name=name) for name in TASKS)
    yield TaskSuite(name="hostile tests", summary="", tasks=specs, source=ListSource(tasks=TASKS))
