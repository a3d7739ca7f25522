"""Intervals and paired tests: numbers in, numbers out.

Items are the unit everywhere: several draws of one item are averaged before they come here; items that share a passage
or a template are one cluster, which is resampled as a whole.
"""

from harness.stats.clusters import RESAMPLES, clustered
from harness.stats.maps import max_t
from harness.stats.means import difference_interval, mean_interval, ratio_interval, standard_error
from harness.stats.multiple import benjamini_hochberg, holm
from harness.stats.paired import MARGIN, equivalence_p, no_difference_bound, paired_difference
from harness.stats.pairs import mcnemar_mid_p, sign_flip_p, tango, tango_score
from harness.stats.passes import pass_at_k
from harness.stats.power import Noise, design_effect, draw_noise, items_needed, least_effect
from harness.stats.shares import Z95, Interval, leave_one_out_floor, leave_two_out_floor, rule_of_three, wilson
from harness.stats.slopes import Slope, covariate_slope, item_slopes

__all__ = [
    "MARGIN",
    "RESAMPLES",
    "Z95",
    "Interval",
    "Noise",
    "Slope",
    "benjamini_hochberg",
    "clustered",
    "covariate_slope",
    "design_effect",
    "difference_interval",
    "draw_noise",
    "equivalence_p",
    "holm",
    "item_slopes",
    "items_needed",
    "least_effect",
    "leave_one_out_floor",
    "leave_two_out_floor",
    "max_t",
    "mcnemar_mid_p",
    "mean_interval",
    "no_difference_bound",
    "paired_difference",
    "pass_at_k",
    "ratio_interval",
    "rule_of_three",
    "sign_flip_p",
    "standard_error",
    "tango",
    "tango_score",
    "wilson",
]
