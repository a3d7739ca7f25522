"""The language of `constraints/*.yaml`, as types; its JSON Schema is `constraints/schema.json`."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Name = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]*$", description="Lower case, digits and underscores.")]
Text = Annotated[str, Meta(min_length=1)]
Amount = Annotated[int, Meta(ge=0)]
RelationName = Literal[
    "at_most", "at_least", "between", "equals", "present", "absent",
    "contains", "lacks", "starts_with", "ends_with", "sequence"
]  # fmt: skip
Domain = Literal["math", "multihop_qa", "code"]


class Wordings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The ways to say a constraint; `{bound}`, `{item}` and the like are filled in from its parameters."""

    imperative: Text
    declarative: Text
    polite: Text
    checklist: Text
    more: tuple[Text, ...] = ()

    def all(self) -> tuple[tuple[str, str], ...]:
        """Return every wording with its name."""
        named = (
            ("imperative", self.imperative),
            ("declarative", self.declarative),
            ("polite", self.polite),
            ("checklist", self.checklist),
        )
        return named + tuple((f"more_{number}", text) for number, text in enumerate(self.more))


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One constraint type: a measurement, a relation, and how to say it."""

    name: Name
    summary: Text
    version: str = "1"
    measure: Annotated[Name, Meta(description="A measurement of harness_constraints.measurements.")]
    args: dict[str, str | int] = {}
    relation: RelationName
    pick: Annotated[Name | None, Meta(description="Where items come from (harness_constraints.picks).")] = None
    slack: Annotated[Amount, Meta(description="Room beside the measured value, in percent of it.")] = 0
    margin: Annotated[Amount, Meta(description="Room beside the measured value, in units.")] = 0
    step: Annotated[int | Literal["human"], Meta(description="The bound is a multiple of this.")] = 1
    fixed: Annotated[int | None, Meta(description="The bound, whatever the value is.")] = None
    least: Annotated[Amount, Meta(description="The smallest value of a source that offers it.")] = 0
    most: Annotated[Amount | None, Meta(description="The largest value of a source that offers it.")] = None
    words: Annotated[Amount, Meta(description="The fewest words of a source that offers it.")] = 0
    unless_shown: Annotated[bool, Meta(description="Left out where the code of the prompt meets it already.")] = False
    offers: Annotated[int, Meta(ge=1, description="How many are taken from one answer at the most.")] = 1
    unit: Annotated[str, Meta(description="What is counted, in the singular; `{amount}` is the bound with it.")] = ""
    domains: tuple[Domain, ...] = ()
    hint: Annotated[Literal[0, 1, 2], Meta(description="1: names a method; 2: tells a part of the answer.")] = 0
    tight: bool = False
    touches_answer: bool = False
    stratum: Annotated[
        Literal["strict", "soft", "forcing"],
        Meta(description="Expected share of other good answers that meet it: from 0.95, from 0.80, below."),
    ]
    group: Annotated[str, Meta(description="Its types imply or exclude each other. Empty: the measurement.")] = ""
    example: dict[str, str | int | list[str]] = {}
    wordings: Wordings


class CatalogueFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file: a family and its types."""

    family: Name
    types: Annotated[tuple[Entry, ...], Meta(min_length=1)]


def json_schema() -> str:
    """Return the JSON Schema of a catalogue file, as text."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(CatalogueFile)}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
