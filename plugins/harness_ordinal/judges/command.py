"""`harness ordinal agreement FILE`: agreement of judges with people, of anybody with anybody."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from harness import HarnessError
from harness_ordinal.judges.figures import agreement_estimates
from harness_ordinal.judges.judgements import Names, judgements_of
from harness_ordinal.printed import print_estimates
from harness_ordinal.ratings.scale import Scale, check_order
from harness_ordinal.tables import columns_of
from harness_ordinal.words import parts_of


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's words."""
    made = argparse.ArgumentParser(
        prog="harness ordinal agreement",
        description="Coverage, abstentions and ties of each rater; rank correlations and kappas of pairs; "
        "Krippendorff's alpha, Gwet's AC2 and ICC of all. One row a judgement: csv, tsv, jsonl or parquet.",
    )
    made.add_argument("file")
    made.add_argument("--scale", default="", help="the ordered labels, lowest first: 1,2,3,4,5")
    made.add_argument(
        "--reference", default="", help="the raters who are right (people); the others are compared with them"
    )
    made.add_argument(
        "--nearest", action="store_true", help="take a mean rating as the nearest label, a half as the higher"
    )
    made.add_argument("--item", default="item", help="column of the item")
    made.add_argument("--rater", default="rater", help="column of the rater")
    made.add_argument("--rating", default="rating", help="column of the rating")
    made.add_argument("--cluster", default="", help="column of what items share; the unit of resampling")
    made.add_argument("--json", action="store_true", help="print JSON")
    return made


def main(words: Sequence[str]) -> int:
    """Print the agreement in a file.

    Raises:
        HarnessError: the file, a column, the scale or a rater is not as it should be.
    """
    given = parser().parse_args(list(words))
    labels = parts_of(given.scale)
    if labels:
        check_order(labels, "--scale")
    names = Names(item=given.item, rater=given.rater, rating=given.rating, cluster=given.cluster)
    scale = Scale(labels=labels) if labels else None
    found = judgements_of(columns_of(given.file), names, scale, given.file, nearest=given.nearest)
    if len(found.raters) < 2:  # noqa: PLR2004  # agreement takes two
        raise HarnessError(f"{given.file!r} has the ratings of {found.raters[0]!r} alone: agreement takes two raters")
    reference = parts_of(given.reference)
    for rater in reference:
        if rater not in found.raters:
            raise HarnessError(f"--reference {rater}: the raters are {', '.join(found.raters)}")
    print_estimates(tuple(agreement_estimates(found, len(scale) if scale else None, reference)), as_json=given.json)
    return 0
