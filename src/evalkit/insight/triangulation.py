"""A study of whether sources agree, from its tables: convergence, silence, sites, joint display."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.insight.convergence import (
    AGREEMENT,
    BETTER,
    CONTESTED,
    LABELS,
    SAME,
    SILENCE,
    SILENT,
    WORSE,
    Evidence,
    count_coders,
    leave_sources_out,
    open_evidence,
    tabulate_differences,
    tabulate_labels,
    tabulate_pairs,
    tabulate_silence,
)
from evalkit.insight.free_text import show_text
from evalkit.insight.site_effects import SiteEffects, estimate_sites, pool_sites
from evalkit.results import ESTIMATE_COLUMNS, Result
from evalkit.study.schemas.insight_triangulation import InsightTriangulation

OUTCOMES = ("overall", "relational", "functional", "felt")
NOT_EXPLAINED = "not explained yet"


@dataclass(frozen=True, slots=True)
class Triangulated:
    """What was found; `sites` has an outcome's effect over sites, empty without answers.

    `joint` is the joint display: a row a theme, with its estimate, who says what, and the label.
    """

    evidence: Evidence
    pairs: pd.DataFrame
    labels: pd.DataFrame
    without: pd.DataFrame
    silence: pd.DataFrame
    differences: pd.DataFrame
    sites: Mapping[str, SiteEffects]
    joint: pd.DataFrame
    result: Result

    def themes_labelled(self, label: str) -> list[str]:
        """Name the themes with a label."""
        return [str(t) for t in self.labels.loc[self.labels["label"] == label, "theme"]]


def study_triangulation(
    tables: Mapping[str, pd.DataFrame], parameters: InsightTriangulation
) -> Triangulated:
    """Set the sources beside each other theme by theme, and pool sites where answers are given."""
    evidence = open_evidence(tables["evidence"], parameters.reference_source)
    _refuse_strangers(evidence, parameters)
    sites = _study_sites(tables, parameters)
    designed = find_designed(evidence, sites, parameters)
    labels = tabulate_labels(evidence, designed)
    pairs = tabulate_pairs(evidence)
    return Triangulated(
        evidence,
        pairs,
        labels,
        leave_sources_out(evidence, designed),
        tabulate_silence(evidence),
        tabulate_differences(evidence),
        sites,
        _join_display(labels, sites, parameters),
        _make_result(pairs, sites, parameters),
    )


def find_designed(
    evidence: Evidence, sites: Mapping[str, SiteEffects], parameters: InsightTriangulation
) -> dict[str, list[str]]:
    """Name for each theme the designed sources whose statement the comparison bears out.

    Without answers, what the study declares is believed.
    """
    said = evidence.said.set_index(["theme", "source"])["direction"]
    measured = outcome_of_themes(parameters)
    found: dict[str, list[str]] = {}
    for theme in evidence.said["theme"].unique():
        own = [s for s in parameters.designed_sources if (theme, s) in said.index]
        if sites:
            effect = sites.get(measured.get(str(theme), ""))
            own = [
                s
                for s in own
                if effect is not None and bears_out(effect, str(said[theme, s]), parameters)
            ]
        found[str(theme)] = own
    return found


def bears_out(effect: SiteEffects, direction: str, parameters: InsightTriangulation) -> bool:
    """Tell whether the interval lies where the direction says; a higher outcome is better.

    "same" needs an interval within the smallest difference that matters: a wide one bears out
    nothing.
    """
    low, high = effect.effect.conf_low, effect.effect.conf_high
    least = parameters.minimum_important_difference
    if direction == SAME:
        return least is not None and -least < low and high < least
    return (direction == BETTER and low > 0) or (direction == WORSE and high < 0)


def contradicts(effect: SiteEffects, direction: str, parameters: InsightTriangulation) -> bool:
    """Tell whether the interval excludes what the direction says."""
    low, high = effect.effect.conf_low, effect.effect.conf_high
    least = parameters.minimum_important_difference or 0.0
    if direction == SAME:
        return low > least or high < -least
    return (direction == BETTER and high < 0) or (direction == WORSE and low > 0)


def outcome_of_themes(parameters: InsightTriangulation) -> dict[str, str]:
    """Return the outcome that measures each theme, by the parameters `..._themes`."""
    return {
        str(theme): outcome
        for outcome in OUTCOMES
        for theme in getattr(parameters, f"{outcome}_themes")
    }


def tabulate_matrix(evidence: Evidence) -> pd.DataFrame:
    """Tabulate the convergence matrix: a row a theme, a column a source, cells the standing code.

    The source of reference shows what it says, and so does a source where that one is silent; a
    silence says whether the source could have heard.
    """
    rows = []
    for theme, own in evidence.said.groupby("theme", sort=False):
        cells = {str(row["source"]): _cell(row, evidence.reference) for _, row in own.iterrows()}
        rows.append({"theme": theme, **cells})
    return pd.DataFrame(rows).fillna("not looked at")


def tabulate_cells(evidence: Evidence) -> pd.DataFrame:
    """Tabulate the matrix long: `theme, source, code, coders`, the code as it is drawn.

    A source that speaks where that of reference is silent "speaks"; a silence is a source's own.
    """
    said = evidence.said
    silent = said["direction"] == SILENT
    code = said["code"].mask(said["code"] == SILENCE, "speaks").mask(silent, SILENCE)
    code = code.mask((said["source"] == evidence.reference) & ~silent, "reference")
    return said[["theme", "source"]].assign(code=code, coders=count_coders(evidence))


def tabulate_quotes(evidence: Evidence) -> pd.DataFrame:
    """Tabulate what each source says of each theme, with its example as it may be shown."""
    said = evidence.said[["theme", "source", "direction", "prominence"]]
    examples = [show_text(e) if isinstance(e, str) else "none" for e in evidence.said["example"]]
    return said.assign(example=examples).fillna("not stated")


def explanations(parameters: InsightTriangulation) -> dict[str, str]:
    """Return the words that explain a theme's disagreement."""
    split = [line.partition(":") for line in parameters.explained]
    return {theme.strip(): words.strip() for theme, _, words in split if words.strip()}


def _cell(row: "pd.Series[str]", reference: str) -> str:
    """Say how a source stands to that of reference; of a silence, whose it is and what it means."""
    if row["direction"] == SILENT:
        return SILENCE if row["detectable"] else f"{SILENCE} (could not have heard)"
    if row["source"] == reference or row["code"] == SILENCE:
        return f"says {row['direction']}"
    return str(row["code"])


def _study_sites(
    tables: Mapping[str, pd.DataFrame], parameters: InsightTriangulation
) -> dict[str, SiteEffects]:
    if "answers" not in tables:
        return {}
    if "units" not in tables:
        raise AnalysisError(
            "units: answers are given, and not when each unit began. Give units, or leave the "
            "answers out."
        )
    answers = tables["answers"]
    if parameters.respondents is not None and "respondent" in answers:
        answers = answers[answers["respondent"].isin(parameters.respondents)]
    return {
        outcome: pool_sites(
            estimate_sites(answers, tables["units"], outcome), parameters.confidence_level
        )
        for outcome in OUTCOMES
        if outcome in answers
    }


def _join_display(
    labels: pd.DataFrame, sites: Mapping[str, SiteEffects], parameters: InsightTriangulation
) -> pd.DataFrame:
    measured, words = outcome_of_themes(parameters), explanations(parameters)
    rows = []
    for _, row in labels.iterrows():
        outcome = measured.get(str(row["theme"]), "")
        effect = sites[outcome].effect if outcome in sites else None
        rows.append(
            {
                **row.to_dict(),
                "measured_by": outcome if effect else "not measured",
                "estimate": effect.estimate if effect else np.nan,
                "conf_low": effect.conf_low if effect else np.nan,
                "conf_high": effect.conf_high if effect else np.nan,
                "together": words.get(str(row["theme"]), _infer(row)),
            }
        )
    joint = pd.DataFrame(rows)
    order = joint["label"].map({label: n for n, label in enumerate(LABELS)})
    return joint.iloc[np.argsort(order.to_numpy(), kind="stable")].reset_index(drop=True)


def _infer(row: "pd.Series[str]") -> str:
    if row["label"] == CONTESTED:
        return NOT_EXPLAINED
    ways = {BETTER: "got better", SAME: "stayed as it was", WORSE: "got worse"}
    said = ways.get(str(row["direction"]), "went no one way")
    return {
        "strong": f"sources of three kinds or more say that it {said}",
        "moderate": f"sources agree, at least in part, that it {said}",
        "single-source": f"one source alone says that it {said}",
    }.get(str(row["label"]), "no source speaks of it")


def _make_result(
    pairs: pd.DataFrame,
    sites: Mapping[str, SiteEffects],
    parameters: InsightTriangulation,
) -> Result:
    """Put the share of pairs that agree, and effects over sites, into every study's columns."""
    level = parameters.confidence_level
    speaking = pairs[pairs["code"] != SILENCE]
    agree = (speaking["code"] == AGREEMENT).to_numpy(float)
    low, high = _resample_themes(speaking["theme"].to_numpy(), agree, parameters)
    rows = [
        {
            "term": "convergence",
            "label": "Pairs of sources that agree, of those that both speak (per cent)",
            "estimate": 100 * float(agree.mean()) if len(agree) else np.nan,
            "conf_low": low,
            "conf_high": high,
            "n": len(agree),
            "facet": "overall",
            "method": "bootstrap_themes",
        }
    ]
    for outcome, found in sites.items():
        effect = found.effect
        rows.append(
            {
                "term": "programme",
                "label": f"Change beyond other sites, {outcome}",
                "estimate": effect.estimate,
                "std_error": effect.std_error,
                "conf_low": effect.conf_low,
                "conf_high": effect.conf_high,
                "n": len(found.sites),
                "clusters": len(found.sites),
                "facet": outcome,
                "method": "random_effects",
                "df": effect.df,
            }
        )
    estimates = pd.DataFrame(rows).assign(outcome="outcome", group="all", level=level)
    estimates = estimates.reindex(columns=[*ESTIMATE_COLUMNS, "label"])
    return Result("insight_triangulation", estimates, {"term": "convergence"})


def _resample_themes(
    themes: np.ndarray, agree: np.ndarray, parameters: InsightTriangulation
) -> tuple[float, float]:
    """Give the interval of the share by resampling whole themes."""
    names, at = np.unique(themes.astype(str), return_inverse=True)
    if len(names) < 2:
        return float("nan"), float("nan")
    yes, whole = np.bincount(at, agree), np.bincount(at).astype(float)
    rng = np.random.default_rng(parameters.seed)
    drawn = rng.integers(0, len(names), (parameters.draws, len(names)))
    shares = 100 * yes[drawn].sum(axis=1) / whole[drawn].sum(axis=1)
    tail = (1 - parameters.confidence_level) / 2
    low, high = np.quantile(shares, [tail, 1 - tail])
    return float(low), float(high)


def _refuse_strangers(evidence: Evidence, parameters: InsightTriangulation) -> None:
    """Refuse parameters that name sources, coders or themes that the evidence has not."""
    themes, sources = set(evidence.said["theme"]), set(evidence.said["source"])
    coder = parameters.lived_experience_coder
    unknown = {
        "designed_sources": [s for s in parameters.designed_sources if s not in sources],
        "lived_experience_coder": [coder] if coder and coder not in evidence.coders else [],
        "explained": [theme for theme in explanations(parameters) if theme not in themes],
        "the lists of themes": [t for t in outcome_of_themes(parameters) if t not in themes],
    }
    faults = [f"{name}: {', '.join(map(str, own))}" for name, own in unknown.items() if own]
    if faults:
        raise AnalysisError(
            f"evidence: it has nothing called so. {'; '.join(faults)}. Use the names of the "
            "evidence, letter for letter."
        )
