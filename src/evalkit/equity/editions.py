"""One edition of the Index of Multiple Deprivation a study: 2019 and 2025 are never mixed.

The 2025 edition stands on other areas (33,755 of 2021) than the 2019 one (32,844 of 2011), and
a change from one to the other is a change of map, not of experience.
"""

import pandas as pd

from evalkit.errors import DataError


def require_edition(answers: pd.DataFrame, edition: str) -> None:
    """Refuse answers whose places come from another edition, or from several.

    Raises DataError where `imd_version` is mapped and holds anything but `edition`.
    """
    if "imd_version" not in answers:
        return
    said = answers["imd_version"].dropna().astype(str).str.removesuffix(".0")
    other = said != edition
    if other.any():
        raise DataError(
            f"imd_version: {int(other.sum())} of {len(said)} rows are of another edition than "
            f"{edition}. Look every place up in one edition, and never mix editions in one study."
        )
