"""Why a cell lies outside what is asked, and what a study of that kind says of itself."""

_FEW = (
    "An error from few degrees of freedom is a little small on average; Student's t makes up for "
    "it, and the interval holds the truth as often as it should."
)
_SAFE = (
    "The error allows for correlations over time that the data cannot rule out: intervals err on "
    "the safe side."
)

NOTES = {
    "difference_in_differences/2_of_10_treated_which_vary_more": "Permutation takes the changed "
    "clusters to vary as the others do. Here they vary twice as much, which two clusters cannot "
    "show; the study says what its interval supposes.",
    "difference_in_differences/3_of_10_treated": _FEW,
    "difference_in_differences/5_of_10_treated": _FEW,
    "difference_in_differences/5_of_10_treated_which_vary_more": _FEW,
    "dose_response/8_units": _FEW,
    "dose_response/8_units_null": _FEW,
    "interrupted_time_series/slope_48_points": _SAFE,
    "interrupted_time_series/average_48_points": _SAFE,
    "lagged_panel/20_trusts": "With few trusts the error is a little large on average: the "
    "interval errs on the safe side, and holds the truth as often as it should.",
    "mediation/people_12_clusters": _FEW,
    "regression_discontinuity/20_clusters_null": _FEW,
    "regression_discontinuity/60_clusters": _FEW,
    "regression_discontinuity/yes_no": _FEW,
    "regression_discontinuity/yes_no_null": _FEW,
    "stepped_wedge/effect": _FEW,
    "stepped_wedge/parallel_4_and_4": _FEW,
    "stepped_wedge/parallel_4_and_4_null": _FEW,
    "stepped_wedge/effect_grows_averaged": "The variance of an average over time since the start "
    "is judged too small with so few clusters. Below 40 clusters a study that plans for that "
    "average says that its interval is somewhat too narrow.",
    "synthetic_control/null_by_lot": "Intervals from ranks of placebos move in steps, and err on "
    "the wide side.",
    "synthetic_control/3_treated": "The treated lie in the middle of the trusts and were not drawn "
    "by lot, so placebos that lie further out are no fair comparison. A study with several treated "
    "units says that such an interval is too narrow.",
    "weighted_comparison/20_clusters_matching": _FEW,
}
