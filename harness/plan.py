"""What is to be run, as one value that can be printed, stored and compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.data import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSettings:
    """How tasks are opened: what changes a prompt, where its rows come from, what confines generated programs."""

    #: None: what the task file says.
    num_fewshot: int | None = None
    apply_chat_template: bool = False
    system_instruction: str | None = None
    #: Few-shot examples as turns of a conversation; only with the chat template.
    fewshot_as_multiturn: bool = True
    fewshot_seed: int = 1234
    #: A folder laid out like hub repositories, used in place of the hub for the datasets it holds.
    dataset_root: str | None = None
    #: Folders of further task files; later ones win.
    include_path: tuple[str, ...] = ()
    #: Folders and files whose task files may bring code, beside lm-eval's own and those of suites.
    trust_tasks: tuple[str, ...] = ()
    #: What confines generated programs; None: the strongest that works here. Changes no score.
    sandbox: str | None = None
    #: Whether a sandbox will do that leaves them network or files.
    allow_weak_sandbox: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One run: every field is a flag of `harness run` and a key of its YAML file."""

    tasks: tuple[str, ...]
    evaluation: str = "sustainscore"
    #: Options of the evaluation, by the names of its option dataclass.
    option: Mapping[str, Json] = field(default_factory=dict)
    constraint_type: tuple[str, ...] = ("all",)
    #: BACKEND or BACKEND:REST.
    model: str = "tiny"
    #: Options of the backend, by the names of its option dataclass. May hold secrets: never written as it is.
    model_option: Mapping[str, Json] = field(default_factory=dict)
    #: BACKEND:REST of a model that writes constraints, or "self": the evaluated one. None: there is none.
    extractor_model: str | None = None
    extractor_option: Mapping[str, Json] = field(default_factory=dict)
    #: BACKEND:REST of a model that judges what no rule can. None: there is none.
    judge_model: str | None = None
    judge_option: Mapping[str, Json] = field(default_factory=dict)
    settings: TaskSettings = TaskSettings()
    #: First documents of each task; None: all.
    limit: int | None = None
    #: First documents of each domain, its tasks sharing them evenly; None: all.
    domain_limit: int | None = None
    #: The preset of the evaluation that gave options and limits; they stand here all the same.
    preset: str = ""
    seed: int = 0
    executor: str = "local"
    #: Options of the executor, by the names of its option dataclass. They change no result.
    executor_option: Mapping[str, Json] = field(default_factory=dict)
    #: Requests in flight at once; None: what the model suggests.
    concurrency: int | None = None
    batch_size: int | None = None
    #: Whether requests go through the provider's batch API: cheaper, and answered within a day.
    batch_api: bool = False
    #: The most money that a run may take, in the currency of the prices, and the most tokens. None: no limit.
    max_cost: float | None = None
    max_tokens_total: int | None = None
    #: A file of prices, in place of those that the backend knows.
    prices: str | None = None
    output: str = "runs"
