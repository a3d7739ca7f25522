"""The report of a run: one line a cell as papers quote it, the tables a reader needs first, and nothing lost."""

from dataclasses import replace

from harness import Estimate
from harness_sustainscore.layout import cells_of, layout
from harness_sustainscore.lines import line_of


def cell(metric, value, unit="share", *, low=None, high=None, n=412, p=None, **split):
    labels = {"task": "gsm8k", "domain": "math", "k": "1", "family": "all", "type": "all", "stratum": "all", **split}
    return Estimate(metric=metric, value=value, low=low, high=high, n=n, unit=unit, p=p, labels=labels)


WHOLE = [
    cell("sustain_raw", 0.884),
    cell("floor", 0.931),
    cell("placebo", 0.924),
    cell("sustain_adjusted", 0.95, "ratio", low=0.927, high=0.972),
    cell("D", 0.047, "points", low=0.026, high=0.068),
    cell("D_spec", 0.04, "points", low=0.019, high=0.061, p=0.0003),
    cell("lost", 0.066),
    cell("gained", 0.019),
    cell("compliance", 0.978),
    cell("natural_compliance", 0.97),
    cell("draws", 4.0, "value"),
    cell("truncated", 0.003),
    cell("truncated_null", 0.002),
]


def test_the_line_of_a_cell_is_the_one_that_the_method_asks_for():
    [found] = cells_of(WHOLE)
    assert line_of(found) == (
        "gsm8k k=1: SS_raw .884 | floor R0 .931 | placebo .924 | SS_adj .950 [.927,.972] | D 4.7pp [2.6,6.8] | "
        "D_spec 4.0pp [1.9,6.1] p<.001 | lost 6.6 / gained 1.9 | comply 97.8 | q .97 | n_items 412 r 4 | trunc 0.3/0.2"
    )


def test_what_is_not_known_is_said_to_be_so():
    unknown = [cell("sustain_raw", None, n=0), cell("floor", None, n=0), cell("D_spec", None, "points", n=0)]
    [found] = cells_of(unknown)
    line = line_of(found)
    assert "SS_raw n/a | floor R0 n/a" in line
    assert "D_spec n/a" in line
    assert "0.0" not in line


def test_tables_are_whole_cells_then_splits_and_every_estimate_is_somewhere():
    split = [
        cell("sustain_raw", 0.9, stratum="strict"),
        cell("D_spec", 0.03, "points", low=0.0, high=0.06, p=0.04, stratum="strict"),
        cell("sustain_raw", 0.8, family="format"),
        cell("D_spec", 0.05, "points", family="format"),
        cell("sustain_raw", 0.8, type="bold"),
    ]
    split[1] = replace(split[1], primary=True, p_adjusted=0.12, adjustment="Holm over 3 primary tests")
    other = Estimate(metric="base_accuracy", value=0.8, n=500, unit="share", labels={"task": "gsm8k", "domain": "math"})
    slope = Estimate(metric="slope_k", value=0.01, n=50, unit="points", labels={"task": "gsm8k", "k": "[1, 2]"})
    tables, rest = layout([*WHOLE, *split, other, slope], " ")
    titles = [table.title for table in tables]
    assert titles[0] == "SustainScore"
    assert titles[1].startswith("By natural compliance")
    assert {"By family", "By type", "How it changes", "Line by line"} <= set(titles)
    assert rest == [other]
    strata = tables[1].rows[0]
    assert any("p = .120 *" in text for text in strata)  # the primary test, adjusted
    assert [table.title for table in tables if not table.detail] == [
        "SustainScore",
        titles[1],
        "By family",
        "How it changes",
    ]
