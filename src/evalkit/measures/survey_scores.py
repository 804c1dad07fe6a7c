"""Scores of 0 to 10 from answers, and from questions to sections, in the manner of CQC's surveys.

Options are equally spaced from the best (10) to the worst (0): 10/5/0 for three, 10/7.5/5/2.5/0
for five; a question asked on a scale of 0 to 10 is used as it is. Answers that judge nothing
("don't know", "did not apply") and questions not asked are missing, in numerator and denominator.
A section's score is the plain mean of its questions' scores. Source: NHS Patient Survey
Programme, recalled; not verified against the official technical document.
Must hold: the distance between options is what it is scored as; only questions that judge care
are scored, each once.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats

BEST = 10.0
FEWEST_ANSWERS = 30
"""A score is not shown for fewer (the survey programme's rule, as recalled)."""

OPTIONS: Mapping[str, int | None] = {
    "0_to_10": None,
    "yes_no": 2,
    "definitely_to_some_extent_no": 3,
    "always_sometimes_no": 3,
    "always_usually_never": 3,
    "four_options": 4,
    "five_options": 5,
}
"""Options of each answer format, the best first; None for a scale that is its own score."""


def score_options(answers: Floats, options: int | None) -> Floats:
    """Score the number of the option chosen (n,), 1 the best of `options`; missing stays so.

    With `options` None the answer is itself a score of 0 to 10. Raises AnalysisError for
    answers that are no option.
    """
    answers = np.asarray(answers, dtype=float)
    lowest, highest = (0.0, BEST) if options is None else (1.0, float(options))
    known = answers[~np.isnan(answers)]
    wrong = (known < lowest) | (known > highest)
    if options is not None:
        wrong |= known != np.round(known)
    if wrong.any():
        raise AnalysisError(
            f"answers: {int(wrong.sum())} of {len(known)} are no option of the question, which "
            f"go from {lowest:g} to {highest:g}. Leave answers that judge nothing empty."
        )
    return answers if options is None else BEST * (options - answers) / (options - 1)


def score_items(answers: pd.DataFrame, formats: Mapping[str, str]) -> pd.DataFrame:
    """Score each column of `answers` that `formats` names by its answer format (see `OPTIONS`).

    Returns one column an item, 0-10. Raises AnalysisError for unknown formats and lacking columns.
    """
    unknown = sorted({name for name in formats.values() if name not in OPTIONS})
    lacking = [item for item in formats if item not in answers]
    if unknown or lacking:
        raise AnalysisError(
            f"items: {len(unknown)} answer formats are not known and {len(lacking)} items have no "
            f"column ({', '.join(lacking[:5]) or 'none'}). Formats: {', '.join(OPTIONS)}."
        )
    scores = {
        item: score_options(answers[item].to_numpy(dtype=float, na_value=np.nan), OPTIONS[name])
        for item, name in formats.items()
    }
    return pd.DataFrame(scores, index=answers.index)


def score_sections(
    scores: pd.DataFrame, sections: Mapping[str, Sequence[str]], *, min_share: float = 1.0
) -> pd.DataFrame:
    """Mean over the questions (columns of `scores`, one row a unit) of each section.

    Missing where fewer than `min_share` of a section's questions have a score: units would
    otherwise be compared on different questions.
    """
    found = {}
    for section, items in sections.items():
        part = scores[list(items)]
        known = part.notna().mean(axis=1) >= min_share
        found[section] = part.mean(axis=1).where(known)
    return pd.DataFrame(found, index=scores.index)


def suppress_few_answers(
    scores: pd.DataFrame, *, base: str = "n", values: Sequence[str], fewest: int = FEWEST_ANSWERS
) -> pd.DataFrame:
    """Return `scores` with `values` emptied where fewer than `fewest` answered, and `suppressed`.

    Rows stay, so that a unit is seen not to be shown. Unknown bases count as too few.
    """
    few = ~(scores[base] >= fewest)
    return scores.assign(**{v: scores[v].mask(few) for v in values}, suppressed=few)
