"""The themes by which comments are sorted: 10 categories, 32 labels, and what each is part of.

`themes.csv` holds the labels of the Patient Experience qualitative data categorisation framework
(final version; The Strategy Unit, pxtextmining) with the facet of experience that this project
gives them, none where a label is of no one facet. `themes_of_2021_2022.csv` carries the 50
columns of the labelled comments of 2021 and 2022 into these labels; the map is this project's.
"""

from importlib.resources import files

import pandas as pd

from evalkit.errors import AnalysisError

CARERS_LABEL = "Interaction with family/ carers"
"""The label that machines miss most: always shown with its recall."""

NOTHING_TO_LABEL = "Labelling not possible"
NOT_ASSIGNED = "Not assigned"
_LISTED = 5


def read_themes() -> pd.DataFrame:
    """Read the framework: `label, category, facet`, one row a label, in the framework's order."""
    return _read("themes.csv")


def read_theme_map() -> pd.DataFrame:
    """Read the map of the older list: `column, label, left_over_because`, one row a column."""
    return _read("themes_of_2021_2022.csv")


def carry_labels(codes: pd.DataFrame) -> pd.DataFrame:
    """Carry codes of the older list into the framework; what is left over is Not assigned."""
    carried = read_theme_map().set_index("column")["label"].replace("", NOT_ASSIGNED)
    known = codes["label"].isin(carried.index)
    if not known.all():
        raise AnalysisError(
            f"codes: {int((~known).sum())} rows have a label that is none of the older list's "
            f"{len(carried)}. Set label_list to framework, or use the labels of that list."
        )
    return codes.assign(label=codes["label"].map(carried))


def refuse_unknown_labels(labels: "pd.Series[str]") -> None:
    """Raise AnalysisError where a label is none of the 32, nor "Not assigned"."""
    known = {*read_themes()["label"], NOT_ASSIGNED}
    rows = [place for place, label in enumerate(labels, start=1) if label not in known]
    if rows:
        named = ", ".join(map(str, rows[:_LISTED]))
        raise AnalysisError(
            f"codes: {len(rows)} rows have a label that is none of the framework's "
            f"{len(known) - 1} (rows {named}{', ...' if len(rows) > _LISTED else ''}). Use the "
            "labels of insight/themes.csv, letter for letter, or Not assigned."
        )


def _read(name: str) -> pd.DataFrame:
    with files("evalkit.insight").joinpath(name).open(encoding="utf-8") as opened:
        return pd.read_csv(opened, dtype=str, keep_default_na=False)
