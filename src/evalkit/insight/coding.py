"""Who gave which comment which label: people and a machine, as arrays over comments and labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Flags, Floats
from evalkit.insight.corrected_share import LabelCounts, count_codes
from evalkit.insight.themes import (
    NOT_ASSIGNED,
    carry_labels,
    read_themes,
    refuse_unknown_labels,
)
from evalkit.study.schemas.feedback_themes import FeedbackThemes


@dataclass(frozen=True, slots=True)
class Coding:
    """Codes of comments, in the order of `comments`: 0 or 1 (comments, labels) for each coder.

    NaN where a coder did not code a comment. `machine` is the machine's, zeros where there was
    none; `human` is the share of people who gave a comment the label, of those who coded it.
    """

    comments: pd.DataFrame
    labels: tuple[str, ...]
    people: Mapping[str, Floats]
    machine: Floats
    human: Floats
    by_machine: bool = True

    @property
    def coded(self) -> Flags:
        """Which comments a person coded."""
        return np.asarray(~np.isnan(self.human).any(axis=1))

    def count(self, chosen: Flags) -> LabelCounts:
        """Count the codes of the chosen comments, label by label."""
        return count_codes(self.human[chosen], self.machine[chosen])


def make_coding(
    comments: pd.DataFrame,
    codes: pd.DataFrame,
    *,
    human_coders: Sequence[str],
    machine_coder: str | None,
) -> Coding:
    """Gather `codes` (comment, coder, label; one row each) of `comments` (one row a comment).

    A coder coded a comment if there is a row for both; what nothing fits has the row Not assigned.
    Without a machine, only comments that people coded are kept. Raises AnalysisError for unknown
    labels, codes of no comment, and coders who coded nothing.
    """
    refuse_unknown_labels(codes["label"])
    labels = tuple(read_themes()["label"])
    place = pd.Index(comments["comment"]).get_indexer(pd.Index(codes["comment"]))
    if (place < 0).any():
        raise AnalysisError(
            f"codes: {int((place < 0).sum())} of {len(codes)} rows are of comments that are not "
            "among the comments. Give each coded comment its row."
        )
    given = [*human_coders, *([machine_coder] if machine_coder else [])]
    absent = [coder for coder in given if coder not in set(codes["coder"])]
    if absent:
        raise AnalysisError(
            f"codes: {len(absent)} of {len(given)} coders coded no comment. Name the coders as "
            "the codes do, in human_coders and machine_coder."
        )
    marks = {
        coder: _mark(codes, place, (codes["coder"] == coder).to_numpy(), labels, len(comments))
        for coder in given
    }
    people = {coder: marks[coder] for coder in human_coders}
    human = _share_of_people(np.stack(list(people.values()), axis=1))
    if machine_coder:
        return Coding(comments.reset_index(drop=True), labels, people, marks[machine_coder], human)
    kept = np.flatnonzero(~np.isnan(human).any(axis=1))
    return Coding(
        comments.iloc[kept].reset_index(drop=True),
        labels,
        {coder: own[kept] for coder, own in people.items()},
        np.zeros((len(kept), len(labels))),
        human[kept],
        by_machine=False,
    )


def merge_labels(coding: Coding, merged: Mapping[str, Sequence[str]]) -> Coding:
    """Return the coding by wider themes: a comment has one where it has any of its labels."""
    places = {name: [coding.labels.index(label) for label in own] for name, own in merged.items()}

    def gather(marks: Floats) -> Floats:
        return np.stack([np.max(marks[:, at], axis=1) for at in places.values()], axis=1)

    people = {coder: gather(marks) for coder, marks in coding.people.items()}
    human = _share_of_people(np.stack(list(people.values()), axis=1))
    return replace(
        coding,
        labels=tuple(merged),
        people=people,
        machine=gather(coding.machine),
        human=human,
    )


def code_study(tables: Mapping[str, pd.DataFrame], parameters: FeedbackThemes) -> Coding:
    """Gather the codes of a study's comments, carried into the framework where they are older."""
    codes = tables["codes"]
    return make_coding(
        tables["comments"],
        carry_labels(codes) if parameters.label_list == "of_2021_2022" else codes,
        human_coders=parameters.human_coders,
        machine_coder=parameters.machine_coder,
    )


def people_ratings(coding: Coding) -> Floats:
    """Return the codes of all people (comments, coders, labels) of comments that one coded."""
    return np.stack(list(coding.people.values()), axis=1)[coding.coded]


def _mark(
    codes: pd.DataFrame, place: np.ndarray, own: Flags, labels: tuple[str, ...], comments: int
) -> Floats:
    """Mark a coder's labels; a comment of theirs without any in the framework has none."""
    marks = np.full((comments, len(labels)), np.nan)
    marks[place[own]] = 0.0
    fitting = own & (codes["label"] != NOT_ASSIGNED).to_numpy()
    marks[place[fitting], pd.Index(labels).get_indexer(pd.Index(codes["label"][fitting]))] = 1.0
    return marks


def _share_of_people(ratings: Floats) -> Floats:
    coders = np.sum(~np.isnan(ratings), axis=1)
    return np.where(
        coders > 0, np.nansum(ratings, axis=1) / np.where(coders > 0, coders, 1), np.nan
    )
