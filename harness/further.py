"""The further models of a run: one that writes constraints, one that judges what no rule can; neither is evaluated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from harness.asker import Asker
from harness.budget import Budget
from harness.contracts import Backend, ConstraintType
from harness.data import Json
from harness.errors import BackendError, HarnessError, blame
from harness.options import options_from
from harness.plan import Plan
from harness.prices import Price, price_of
from harness.registry import Registry
from harness.secrets import Secrets, secret_fields
from harness.store import Answers

EXTRACTOR, JUDGE = "extractor", "judge"
#: In place of a name: the evaluated model writes its own constraints.
SELF = "self"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A further model that the plan names; no backend: the evaluated model itself."""

    backend: Backend | None
    rest: str
    options: Any
    price: Price | None = None


def named(plan: Plan) -> dict[str, tuple[str, Mapping[str, Json]]]:
    """Return the name and the options of each further model of a plan, by what it is for."""
    wanted = {
        EXTRACTOR: (plan.extractor_model, plan.extractor_option),
        JUDGE: (plan.judge_model, plan.judge_option),
    }
    for role, (model, options) in wanted.items():
        if options and not model:
            raise HarnessError(f"--{role}-option without --{role}-model")
    return {role: (model, options) for role, (model, options) in wanted.items() if model}


def chosen_models(plan: Plan, registry: Registry, prices: Mapping[str, Price]) -> dict[str, Chosen]:
    """Look up the further models of a plan, and what they cost.

    Raises:
        HarnessError: a backend or an option that is not known.
    """
    found = {}
    for role, (model, given) in named(plan).items():
        if model == SELF and role == EXTRACTOR:
            found[role] = Chosen(backend=None, rest="", options=None)
            continue
        name, _, rest = model.partition(":")
        backend = registry.pick("backend", registry.backends, name)
        options: Any = options_from(backend.options, given, f"backend {name}, {role}")
        price = price_of(model, prices) or backend.price(rest, options)
        found[role] = Chosen(backend=backend, rest=rest, options=options, price=price)
    return found


def declared_secrets(chosen: Mapping[str, Chosen]) -> tuple[str, ...]:
    """Return the options of further models that are secret by declaration."""
    return tuple(name for one in chosen.values() if one.backend for name in secret_fields(one.backend.options))


def check_asked(types: Mapping[str, ConstraintType], plan: Plan) -> None:
    """Check that every further model that a constraint type asks is named.

    Raises:
        HarnessError: one is not.
    """
    for kind in types.values():
        if EXTRACTOR in kind.asks - set(named(plan)):
            raise HarnessError(
                f"constraint type {kind.name} asks a model for constraints: name it with --extractor-model BACKEND:NAME"
            )


async def open_further(  # what every asker needs
    chosen: Mapping[str, Chosen],
    evaluated: Asker,
    store: Answers,
    stack: AsyncExitStack,
    secrets: Secrets,
    budget: Budget,
) -> dict[str, Asker]:
    """Open the further models; they are closed with the stack.

    Raises:
        BackendError: one cannot be opened.
        HarnessError: one is the evaluated model without being said to be, or judges its own family.
    """
    askers: dict[str, Asker] = {}
    for role, one in chosen.items():
        if one.backend is None:
            askers[role] = evaluated
            continue
        with blame(f"backend {one.backend.name}, {role}", BackendError):
            model = await stack.enter_async_context(one.backend.open(one.rest, one.options))
        if "generate" not in model.can:
            raise HarnessError(f"--{role}-model: it must generate, and can do {', '.join(sorted(model.can))}")
        askers[role] = Asker(
            model, store, concurrency=model.concurrency, secrets=secrets, price=one.price, budget=budget
        )
        stack.push_async_exit(askers[role].aclose)
        if dict(model.identity) == dict(evaluated.model.identity):
            raise HarnessError(
                f"--{role}-model is the evaluated model: it would prefer its own style; "
                + ("say --extractor-model self if that is meant" if role == EXTRACTOR else "name another one")
            )
    if len(askers) > 1:
        check_families(askers[EXTRACTOR], askers[JUDGE])
    return askers


def check_families(extractor: Asker, judge: Asker) -> None:
    """Check that the judge is of another family than the model whose constraints it judges.

    Raises:
        HarnessError: it is not.
    """
    families = {family_of(one.model.identity) for one in (extractor, judge)}
    if len(families) == 1:
        raise HarnessError(
            f"--judge-model is of the extractor's family {families.pop()!r}: a model is lenient with its own kind"
        )


def family_of(identity: Mapping[str, str]) -> str:
    """Return the family of a model: the letters with which its name begins.

    >>> family_of({"backend": "hf", "model": "Qwen/Qwen3-8B"}), family_of({"backend": "tiny"})
    ('qwen', 'tiny')
    """
    name = identity.get("model") or identity.get("name") or identity.get("backend", "")
    found = re.match(r"[^\W\d_]+", name.rstrip("/").rsplit("/", 1)[-1])
    return found[0].lower() if found else name
