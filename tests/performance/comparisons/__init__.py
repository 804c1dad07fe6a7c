"""What is compared with what: one module for each comparison, in the order of the page."""

from comparisons import callaway_santanna, few_cluster_draws, two_way_effects

STATISTICS = (callaway_santanna.compare, two_way_effects.compare, few_cluster_draws.compare)

__all__ = ["STATISTICS"]
