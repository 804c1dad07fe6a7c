"""Measure on real labelled comments whether corrected shares of themes hold the truth.

Needs EVALKIT_DATA_ROOT with feedback_text/fft_comments_labelled_2021_2022.csv. In each of 200
seeded splits a third of the comments trains a machine of our own, a third is the calibration
sample, and a third is the target, whose human codes are the truth. It can be stopped at any time:
finished splits are kept in build/ under the hash of the code, and not run again. Writes
docs/methods/feedback_themes.csv; `--show` prints it again, as a table for the page beside it.
"""

import argparse
import csv
import hashlib
import os
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from evalkit.inference.arrays import Floats, Ints
from evalkit.insight import corrected_share
from evalkit.insight.corrected_share import (
    FEWEST_CODED,
    About,
    CorrectedShares,
    count_codes,
    fit_corrected_share,
)
from evalkit.insight.themes import read_theme_map, read_themes

ROOT = Path(__file__).resolve().parents[2]
COMMENTS = "feedback_text/fft_comments_labelled_2021_2022.csv"
TABLE = ROOT / "docs" / "methods" / "feedback_themes.csv"
FIRST_SEED, SPLITS = 4_000, 200
RARE = 30
"""Comments with a label, in the whole file, below which it is too rare to correct."""

FEWEST_TO_LEARN = 3
DRAWS = 999


@dataclass(frozen=True, slots=True)
class Outcome:
    """One label in one split: true shares, what was found of them, and whether it was held.

    `target` is the split's third itself; `drawn` are comments drawn from the two thirds that the
    machine never saw, as often as one likes.
    """

    seed: int
    label: str
    coded: int
    recall: float
    target_truth: float
    target_error: float
    target_width: float
    target_held: bool
    naive_error: float
    naive_width: float
    naive_held: bool
    drawn_held: bool
    drawn_naive_held: bool


def read_comments(folder: Path) -> tuple[list[str], Floats]:
    """Read the comments that have words, and their human codes (comments, 32 labels)."""
    table = pd.read_csv(folder / COMMENTS).dropna(subset="FFT answer")
    carried, labels = read_theme_map(), read_themes()["label"]
    codes = np.zeros((len(table), len(labels)))
    for row in carried[carried["label"] != ""].itertuples():
        at = int(labels[labels == row.label].index[0])
        codes[:, at] = np.maximum(codes[:, at], table[str(row.column)].notna())
    return table["FFT answer"].tolist(), codes


def sort_by_machine(texts: list[str], codes: Floats, train: Ints) -> Floats:
    """Sort every comment by a logistic regression on words and pairs of words, label by label."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    words.fit([texts[place] for place in train])
    features: csr_matrix = words.transform(texts)
    machine = np.zeros_like(codes)
    for label in np.flatnonzero(codes[train].sum(axis=0) >= FEWEST_TO_LEARN):
        model = LogisticRegression(C=10.0, solver="liblinear", class_weight="balanced")
        machine[:, label] = model.fit(features[train], codes[train, label]).predict(features)
    return machine


def run_split(folder: Path, seed: int) -> list[Outcome]:
    """Split, sort by machine, correct, and hold against the target's own human codes."""
    texts, codes = _comments(folder)
    rng = np.random.default_rng(seed)
    train, calibrate, target = np.array_split(rng.permutation(len(texts)), 3)
    machine = sort_by_machine(texts, codes, train)
    unseen = np.concatenate([calibrate, target])
    near = _correct(codes, machine, calibrate, target, rng, "comments nobody coded")
    again = [rng.choice(unseen, len(part)) for part in (calibrate, target)]
    drawn = _correct(codes, machine, *again, rng, "such comments")
    truth, held_out = codes[target].mean(axis=0), codes[unseen].mean(axis=0)
    found = np.sum(codes[calibrate] * machine[calibrate], axis=0)
    coded = codes[calibrate].sum(axis=0)
    return [
        Outcome(
            seed,
            label,
            int(coded[at]),
            float(found[at] / coded[at]) if coded[at] else float("nan"),
            float(truth[at]),
            float(near.estimate[at] - truth[at]),
            float(near.conf_high[at] - near.conf_low[at]),
            bool(near.conf_low[at] <= truth[at] <= near.conf_high[at]),
            float(near.naive[at] - truth[at]),
            float(near.naive_high[at] - near.naive_low[at]),
            bool(near.naive_low[at] <= truth[at] <= near.naive_high[at]),
            bool(drawn.conf_low[at] <= held_out[at] <= drawn.conf_high[at]),
            bool(drawn.naive_low[at] <= held_out[at] <= drawn.naive_high[at]),
        )
        for at, label in enumerate(read_themes()["label"])
    ]


def summarise(outcomes: pd.DataFrame, positives: dict[str, int]) -> pd.DataFrame:
    """Tabulate by label, shares and their errors in per cent; the rare ones say so."""
    rows = []
    for label, splits in outcomes.groupby("label", sort=False):
        many = positives[str(label)] >= RARE
        row: dict[str, object] = {
            "label": label,
            "comments": positives[str(label)],
            "verdict": "corrected" if many else "too few to correct",
            "too_few_splits": 100 * float((splits["coded"] < FEWEST_CODED).mean()),
        }
        if many:
            held, naive = splits["target_held"], splits["naive_held"]
            row |= {
                "share": 100 * splits["target_truth"].mean(),
                "recall": 100 * splits["recall"].mean(),
                "bias": 100 * splits["target_error"].mean(),
                "naive_bias": 100 * splits["naive_error"].mean(),
                "naive_is_biased": bool(
                    abs(splits["naive_error"].mean()) > splits["naive_width"].mean() / 4
                ),
                "coverage": 100 * held.mean(),
                "coverage_error": 100 * _error(held),
                "naive_coverage": 100 * naive.mean(),
                "naive_coverage_error": 100 * _error(naive),
                "drawn_coverage": 100 * splits["drawn_held"].mean(),
                "drawn_naive_coverage": 100 * splits["drawn_naive_held"].mean(),
                "width": 100 * splits["target_width"].mean(),
                "splits": len(splits),
            }
        rows.append(row)
    return pd.DataFrame(rows).sort_values("comments", ascending=False, kind="stable")


def count_positives(folder: Path) -> dict[str, int]:
    """Count the comments with each label in the whole file."""
    return dict(
        zip(read_themes()["label"], _comments(folder)[1].sum(axis=0).astype(int), strict=True)
    )


def run_all(folder: Path, splits: int, workers: int) -> pd.DataFrame:
    """Run the splits that are missing, writing each down as it ends."""
    kept = ROOT / "build" / f"feedback_themes_{_code()}.csv"
    kept.parent.mkdir(exist_ok=True)
    if not kept.exists():
        kept.write_text(",".join(Outcome.__dataclass_fields__) + "\n", encoding="utf-8")
    done = set(pd.read_csv(kept)["seed"])
    missing = [s for s in range(FIRST_SEED, FIRST_SEED + splits) if s not in done]
    print(f"{splits - len(missing)} of {splits} splits were done before", flush=True)
    with ProcessPoolExecutor(workers) as pool:
        tasks = [pool.submit(run_split, folder, seed) for seed in missing]
        for number, task in enumerate(as_completed(tasks), start=1):
            with kept.open("a", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(
                    file, list(Outcome.__dataclass_fields__), lineterminator="\n"
                )
                writer.writerows(asdict(outcome) for outcome in task.result())
            if number % 20 == 0:
                print(f"{number} of {len(missing)}", flush=True)
    found = pd.read_csv(kept)
    return found[found["seed"] < FIRST_SEED + splits].sort_values("seed", kind="stable")


def show(table: pd.DataFrame) -> str:
    """Write the table as it stands on the page, with the averages over labels."""
    lines = [
        "| label | comments | recall | naive bias | naive holds | corrected holds | bias |"
        " drawn: naive | drawn: corrected |",
        "|---" * 9 + "|",
    ]
    for row in table[table["verdict"] == "corrected"].itertuples():
        biased = "" if row.naive_is_biased else " (small)"
        lines.append(
            f"| {row.label} | {row.comments} | {row.recall:.0f}% | {row.naive_bias:+.2f}{biased} "
            f"| {row.naive_coverage:.1f}% ({row.naive_coverage_error:.1f}) "
            f"| {row.coverage:.1f}% ({row.coverage_error:.1f}) | {row.bias:+.2f} "
            f"| {row.drawn_naive_coverage:.1f}% | {row.drawn_coverage:.1f}% |"
        )
    names = ("naive_coverage", "coverage", "drawn_naive_coverage", "drawn_coverage")
    means = {name: f"{table[name].mean():.1f}%" for name in names}
    lines.append("| **mean over labels** | | | | {} | {} | | {} | {} |".format(*means.values()))
    rare = table[table["verdict"] != "corrected"]
    words = [f"{row.label} ({row.comments})" for row in rare.itertuples()]
    return "\n".join([*lines, "", f"Too few to correct: {'; '.join(words)}."])


def _correct(
    codes: Floats,
    machine: Floats,
    calibrate: Ints,
    target: Ints,
    rng: np.random.Generator,
    about: About,
) -> CorrectedShares:
    human = np.vstack([codes[calibrate], np.full((len(target), codes.shape[1]), np.nan)])
    counts = count_codes(human, np.vstack([machine[calibrate], machine[target]]))
    return fit_corrected_share(counts, rng, about=about, fewest=1, draws=DRAWS)


@cache
def _comments(folder: Path) -> tuple[list[str], Floats]:
    return read_comments(folder)


def _error(flags: "pd.Series[bool]") -> float:
    return float(np.sqrt(flags.mean() * (1 - flags.mean()) / len(flags)))


def _code() -> str:
    """Name the code that measures and is measured, so that figures of other code are not used."""
    read = [Path(__file__), Path(str(corrected_share.__file__))]
    maps = sorted(Path(str(corrected_share.__file__)).parent.glob("*.csv"))
    return hashlib.sha256(b"".join(p.read_bytes() for p in [*read, *maps])).hexdigest()[:12]


def main() -> int:
    """Run the missing splits and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--splits", type=int, default=SPLITS)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--show", action="store_true", help="print the table that was written")
    options = parser.parse_args()
    root = os.environ.get("EVALKIT_DATA_ROOT")
    if not options.show:
        if not root or not (Path(root) / COMMENTS).exists():
            print(f"EVALKIT_DATA_ROOT: names no folder with {COMMENTS}. Set it.", file=sys.stderr)
            return 3
        outcomes = run_all(Path(root), options.splits, options.workers)
        table = summarise(outcomes, count_positives(Path(root)))
        table.to_csv(TABLE, index=False, float_format="%.3f", lineterminator="\n")
        print(f"{options.splits} splits; figures in {TABLE.relative_to(ROOT)}")
    print(show(pd.read_csv(TABLE)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
