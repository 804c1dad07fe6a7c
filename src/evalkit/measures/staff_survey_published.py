"""Staff Survey sub-scores rebuilt from published shares of options, against those published.

An organisation's sub-score is a mean over people of means of items; from shares only the mean of
the items' means can be had. The two differ by who left which item out, so that agreement within
a few hundredths says that the items, their direction and their points are the publisher's.
"""

import pandas as pd

from evalkit.measures.item_means import need_columns
from evalkit.measures.staff_survey_elements import ELEMENTS, SUB_SCORES
from evalkit.measures.staff_survey_items import APPRAISAL, score_option_shares

PUBLISHED_NAMES = {
    "motivation": "E_1",
    "involvement": "E_2",
    "advocacy": "E_3",
    "thinking_about_leaving": "M_1",
    "work_pressure": "M_2",
    "stressors": "M_3",
    "compassionate_culture": "PP1_1",
    "compassionate_leadership": "PP1_2",
    "diversity_and_equality": "PP1_3",
    "inclusion": "PP1_4",
    "recognised": "PP2",
    "autonomy_and_control": "PP3_1",
    "raising_concerns": "PP3_2",
    "burnout": "PP4_2",
    "negative_experiences": "PP4_3",
    "development": "PP5_1",
    "appraisals": "PP5_2",
    "work_life_balance": "PP6_1",
    "flexible_working": "PP6_2",
    "team_working": "PP7_1",
    "line_management": "PP7_2",
    "engagement": "Staff Engagement",
    "morale": "Morale",
}
"""What the publisher calls each score that shares can rebuild.

The climate sub-score, and so its element, has two items that few were asked: it is not here.
"""


def rebuild_staff_scores(shares: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Sub-scores, engagement and morale of each unit (index) from shares of options, 0-10.

    `shares` as `score_option_shares` takes them. An appraisal item counts 0 for those without one.
    """
    items = score_option_shares(shares, year=year)
    wanted = [s for s in PUBLISHED_NAMES if s in SUB_SCORES]
    need_columns(items, [i for s in wanted for i in SUB_SCORES[s]], "Staff Survey shares")
    held = items["appraisal_held"] / 10
    items = items.assign(**{item: items[item] * held for item in APPRAISAL})
    found = pd.DataFrame({s: items[list(SUB_SCORES[s])].mean(axis=1) for s in wanted})
    themes = {e: found[list(ELEMENTS[e])].mean(axis=1) for e in ("engagement", "morale")}
    return found.assign(**themes)


def compare_staff_scores(rebuilt: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    """One row a score: units, mean and largest difference (rebuilt less published), correlation.

    `published` has one row a `unit` and `score` (the publisher's name) with its `value`.
    """
    wide = published.pivot_table(index="unit", columns="score", values="value")
    rows = []
    for score, name in PUBLISHED_NAMES.items():
        both = pd.DataFrame({"ours": rebuilt[score], "theirs": wide[name]}).dropna()
        apart = both["ours"] - both["theirs"]
        rows.append(
            {
                "score": score,
                "units": len(both),
                "mean_difference": float(apart.mean()),
                "largest_difference": float(apart.abs().max()),
                "correlation": float(both["ours"].corr(both["theirs"])),
            }
        )
    return pd.DataFrame(rows)
