"""`harness run`: carry out a plan, show how it goes, print the tables, name the folder."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.exits import INCOMPLETE, INTERRUPTED
from harness.cli.flags import Flags, flags_of, plan_of, with_options, with_preset

if TYPE_CHECKING:
    from harness.plan import Plan
    from harness.registry import Registry

Many = list[str] | None


def run(  # the flags are the interface
    context: typer.Context,
    tasks: Annotated[
        Many, typer.Option(help="Suites, lm-eval tasks, groups, tags, globs or YAML files; commas or repeated.")
    ] = None,
    constraint_type: Annotated[
        Many, typer.Option(help="Families, names or YAML files of constraint types, or `all`.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="BACKEND or BACKEND:NAME. Default: $HARNESS_MODEL, else tiny.")
    ] = None,
    model_option: Annotated[Many, typer.Option(help="name=value for the backend; repeated.")] = None,
    extractor_model: Annotated[
        str | None, typer.Option(help="BACKEND:NAME that writes constraints (--constraint-type model), or `self`.")
    ] = None,
    extractor_option: Annotated[Many, typer.Option(help="name=value for its backend; repeated.")] = None,
    judge_model: Annotated[
        str | None, typer.Option(help="BACKEND:NAME, of another family, that judges what no rule checks.")
    ] = None,
    judge_option: Annotated[Many, typer.Option(help="name=value for its backend; repeated.")] = None,
    evaluation: Annotated[str | None, typer.Option(help="Default: sustainscore.")] = None,
    option: Annotated[Many, typer.Option(help="name=value for the evaluation; repeated.")] = None,
    preset: Annotated[
        str | None, typer.Option(help="smoke, default, paper or scale: options and limit; flags given win.")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="First documents of each task.")] = None,
    domain_limit: Annotated[int | None, typer.Option(help="First documents of each domain, over its tasks.")] = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed of draws and of the choice of constraints. Default: 0.")
    ] = None,
    num_fewshot: Annotated[int | None, typer.Option(help="Examples in the prompt, in place of the task's.")] = None,
    apply_chat_template: Annotated[
        bool | None, typer.Option("--apply-chat-template/--no-chat-template", help="Ask as a conversation.")
    ] = None,
    fewshot_as_multiturn: Annotated[bool | None, typer.Option(help="Examples as turns of the conversation.")] = None,
    system_instruction: Annotated[str | None, typer.Option(help="System message.")] = None,
    output: Annotated[str | None, typer.Option(help="Folder of runs and of the store. Default: runs.")] = None,
    dataset_root: Annotated[
        str | None, typer.Option(help="Folder laid out like hub repositories. Default: $HARNESS_DATASET_ROOT.")
    ] = None,
    include_path: Annotated[Many, typer.Option(help="Folder of further lm-eval task files; repeated.")] = None,
    trust_tasks: Annotated[
        Many, typer.Option(help="Folder or file of task files that may bring code (`!function`); repeated.")
    ] = None,
    sandbox: Annotated[
        str | None,
        typer.Option(help="What confines generated programs: auto, bubblewrap, namespaces, docker, process."),
    ] = None,
    allow_weak_sandbox: Annotated[
        bool | None, typer.Option("--allow-weak-sandbox", help="Accept one without namespaces.")
    ] = None,
    executor: Annotated[str | None, typer.Option(help="local, or ray for several machines. Default: local.")] = None,
    executor_option: Annotated[Many, typer.Option(help="name=value for the executor; repeated.")] = None,
    concurrency: Annotated[int | None, typer.Option(help="Requests in flight. Default: what the model likes.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="For local models.")] = None,
    batch_api: Annotated[
        bool | None, typer.Option("--batch-api", help="Ask through the provider's batch API: cheaper, within a day.")
    ] = None,
    max_cost: Annotated[float | None, typer.Option(help="The most that the run may cost; needs a price.")] = None,
    max_tokens_total: Annotated[
        int | None, typer.Option(help="The most tokens that the run may take, prompts and answers together.")
    ] = None,
    prices: Annotated[
        str | None, typer.Option(help="YAML or JSON file: model name -> {in: ..., out: ...}, for a million tokens.")
    ] = None,
    plugin: Annotated[Many, typer.Option(help="A Python file that is a plugin; repeated.")] = None,
    disable_plugin: Annotated[Many, typer.Option(help="Name of a plugin to leave out; repeated.")] = None,
    dry_run: Annotated[bool | None, typer.Option("--dry-run", help="Print prompts and cost; ask nothing.")] = None,
    json: Annotated[bool | None, typer.Option("--json", help="Print the results as JSON.")] = None,
    config: Annotated[Path | None, typer.Option(help="YAML file with these flags; the command line wins.")] = None,
) -> None:
    """Run an evaluation. The same command again goes on where a broken-off run stopped.

    Every option of the evaluation is a flag too, such as --constraint-count 1,2,4 or --draws 8:
    `harness list evaluations -v` shows them.
    """
    carry_out(flags_of(context.params, context.args))


def opened(flags: Flags) -> tuple[Plan, Registry]:
    """Return the plan that flags describe, with preset and options looked up, and the registry of their plugins.

    Raises:
        HarnessError: a flag that nobody knows, or a value that cannot be.
    """
    from harness.plan import Plan
    from harness.registry import load_registry

    registry = load_registry(files=flags.plugin or (), disabled=flags.disable_plugin or ())
    if flags.further or flags.preset:
        chosen = registry.pick("evaluation", registry.evaluations, flags.evaluation or Plan(tasks=()).evaluation)
        flags = with_preset(with_options(flags, chosen), chosen)
    return plan_of(flags), registry


def carry_out(flags: Flags) -> None:
    """Run what flags describe, and print what came of it."""
    import asyncio

    from harness.cli.preview import print_preview
    from harness.cli.printing import print_finished
    from harness.cli.progress import watching
    from harness.run import run as carried_out

    plan, registry = opened(flags)
    if flags.model is None and not os.environ.get("HARNESS_MODEL"):
        print(f"model: {plan.model}, the default; choose another with --model or HARNESS_MODEL", file=sys.stderr)
    if flags.dry_run:
        print_preview(plan, registry)
        return
    # A scheduler's polite end is Ctrl-C: answers under way are waited for and kept. A shell has its background jobs
    # ignore Ctrl-C, and that end with it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        with watching() as watch:
            finished = asyncio.run(carried_out(plan, registry, watch))
    except KeyboardInterrupt:
        print("harness: interrupted; the same command goes on where this one stopped", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    print_finished(finished, as_json=bool(flags.json))
    if finished.funnel.get("unscored", 0) or finished.funnel.get("lost", 0):
        raise typer.Exit(INCOMPLETE)
