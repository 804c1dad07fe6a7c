"""The ledger of assumptions: what was assumed, how it was tested, and what follows if it fails."""

from collections.abc import Sequence

import pandas as pd

from evalkit.results import Check


def assumption_ledger(checks: Sequence[Check]) -> pd.DataFrame:
    """List each check's `assumption, test, verdict, finding, power, consequence`, in order."""
    return pd.DataFrame(
        {
            "assumption": [check.assumption for check in checks],
            "test": [check.question for check in checks],
            "verdict": [check.verdict for check in checks],
            "finding": [check.finding for check in checks],
            "power": [check.power for check in checks],
            "consequence": [check.consequence for check in checks],
        }
    )
