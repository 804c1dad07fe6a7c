"""Tables that are made when they are asked for: most callers of a design want its estimates."""

from collections.abc import Callable, Iterator, Mapping

import pandas as pd


class LazyTables(Mapping[str, pd.DataFrame]):
    """A mapping of names to tables, each made once, when first read; empty ones are there too."""

    def __init__(self, makers: Mapping[str, Callable[[], pd.DataFrame]]) -> None:
        self._makers = dict(makers)
        self._made: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Return the table, made now if it was not before."""
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        """Say whether there is such a table, making nothing."""
        return name in self._makers

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names, making nothing."""
        return iter(self._makers)

    def __len__(self) -> int:
        """Count the tables, making nothing."""
        return len(self._makers)
