"""Checks of triangulation: do coders agree, could sources hear, does one source carry the label."""

import pandas as pd

from evalkit.insight.convergence import CONTESTED, SILENT, STRONG, Evidence
from evalkit.insight.triangulation import (
    NOT_EXPLAINED,
    Triangulated,
    contradicts,
    explanations,
    outcome_of_themes,
)
from evalkit.measures.coder_agreement import ALPHA, CONCLUDE, RELIABLE, rate_alpha
from evalkit.results import Check, Verdict, pick_row
from evalkit.results.words import counted, interval, listed, number, values_table
from evalkit.study.schemas.insight_triangulation import InsightTriangulation

FEWEST_CODED = 2
"""Coders that each source should have been compared by."""


def check_triangulation(
    found: Triangulated, agreement: pd.DataFrame, parameters: InsightTriangulation
) -> list[Check]:
    """Ask what statements on convergence rest on."""
    return [
        check_coders(agreement, parameters),
        check_lived_coder(found.evidence, parameters),
        check_hearing(found),
        check_one_source(found),
        check_borne_out(found, parameters),
        check_explained(found, parameters),
    ]


def check_coders(agreement: pd.DataFrame, parameters: InsightTriangulation) -> Check:
    """Ask whether coders agree far enough to conclude anything from their codes."""
    row = pick_row(agreement, measure=ALPHA)
    alpha = float(row["estimate"])
    ends = interval(row["conf_low"], row["conf_high"], parameters.confidence_level)
    return Check(
        "Coders agree far enough for their codes to mean anything",
        "Would other coders have coded the same?",
        "passes" if alpha >= CONCLUDE else "concern",
        f"Krippendorff's alpha is {number(alpha)} ({ends}): {rate_alpha(alpha)}",
        f"Below {number(CONCLUDE, 3)} nothing is concluded; from {number(RELIABLE)} it is reliable",
        "If it fails, how sources compare is one coder's view",
        values_table(
            {
                "alpha": alpha,
                "low": row["conf_low"],
                "high": row["conf_high"],
                "conclude": CONCLUDE,
                "reliable": RELIABLE,
                "level": 100 * parameters.confidence_level,
            },
            {"conclude": 3},
        ),
        name="coders",
        blocks=True,
    )


def check_lived_coder(evidence: Evidence, parameters: InsightTriangulation) -> Check:
    """Ask whether two coders and a lived-experience partner coded."""
    there = parameters.lived_experience_coder in evidence.coders
    others = len(evidence.coders) - int(there)
    verdict: Verdict = "passes" if there and others >= FEWEST_CODED else "concern"
    partner = "a lived-experience partner did" if there else "no lived-experience partner did"
    return Check(
        "Two coders and a lived-experience partner compared the sources",
        "Who coded?",
        verdict,
        f"{counted(others, 'coder')} coded, and {partner}",
        f"{FEWEST_CODED} and a partner are wanted",
        "What people with lived experience would have heard in it is not in the codes",
        values_table({"coders": others, "wanted": FEWEST_CODED}, 0),
        name="lived_coder",
    )


def check_hearing(found: Triangulated) -> Check:
    """Ask whether each source could have heard of each theme."""
    said = found.evidence.said
    deaf = said[~said["detectable"].astype(bool)]
    cells, silent = len(deaf), int((said["direction"] == SILENT).sum())
    themes = list(dict.fromkeys(deaf["theme"].astype(str)))
    return Check(
        "Every source could have heard of every theme",
        "Which silences say nothing, because the source could not have heard?",
        "concern" if cells else "passes",
        f"{cells} of {silent} silences are of sources that could not: on {listed(themes)}"
        if cells
        else f"All could; {counted(silent, 'silence')} of sources that could have heard",
        "a description, not a test",
        "Silence is neither agreement nor content: nobody may have been asked",
        values_table({"could_not": cells, "silences": silent}, 0),
        name="hearing",
    )


def check_one_source(found: Triangulated) -> Check:
    """Ask whether labels stand without each source in turn."""
    changed = found.without[found.without["changes"] == "changes"]
    strong = set(changed.loc[changed["label"] == STRONG, "theme"])
    sources = list(dict.fromkeys(changed["left_out"].astype(str)))
    themes = changed["theme"].nunique()
    return Check(
        "No theme's label hangs on one source",
        "Which labels change when one source is left out?",
        "concern" if themes else "passes",
        f"{counted(themes, 'theme')} would have another label without {listed(sources)}; called "
        f"strong as things stand: {len(strong)}"
        if themes
        else "None changes",
        "a description, not a test",
        "A label that one source makes is as strong as that source",
        values_table({"themes": themes, "strong": len(strong)}, 0),
        name="one_source",
    )


def check_borne_out(found: Triangulated, parameters: InsightTriangulation) -> Check:
    """Ask whether the designed comparison contradicts what its source says of a theme."""
    words = (
        "What the designed comparison shows does not contradict what its source is said to say",
        "Does an interval exclude what is said?",
    )
    consequence = "If it fails, what was written down of that source is not what its figures show"
    said = found.evidence.said
    rows = said[said["source"].isin(parameters.designed_sources)]
    measured = outcome_of_themes(parameters)
    tested = [
        (str(row["theme"]), contradicts(found.sites[outcome], str(row["direction"]), parameters))
        for _, row in rows.iterrows()
        if (outcome := measured.get(str(row["theme"]), "")) in found.sites
    ]
    if not tested:
        why = "No theme is measured by answers of this study"
        return Check(*words, "cannot tell", why, "", consequence, name="borne_out")
    against = [theme for theme, excluded in tested if excluded]
    return Check(
        *words,
        "concern" if against else "passes",
        f"It does on {listed(against)}" if against else f"It does on none of {len(tested)} themes",
        "With few sites intervals are wide: not to contradict is not to bear out",
        consequence,
        values_table({"themes": len(tested), "against": len(against)}, 0),
        name="borne_out",
    )


def check_explained(found: Triangulated, parameters: InsightTriangulation) -> Check:
    """Ask whether each contested theme is explained in words."""
    contested = found.themes_labelled(CONTESTED)
    left = [theme for theme in contested if theme not in explanations(parameters)]
    seen = "Each contested theme is explained" if contested else "No theme is contested"
    if left:
        seen = f"{NOT_EXPLAINED.capitalize()}: {listed(left)}"
    return Check(
        "What makes sources disagree is explained",
        "Which contested themes are explained by nobody?",
        "concern" if left else "passes",
        seen,
        "A list, not a test",
        "A disagreement that nobody explains must not be settled by quoting one side",
        values_table({"contested": len(contested), "left": len(left)}, 0),
        name="explained",
    )
