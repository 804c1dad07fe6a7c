"""Specify and stage a topic's tables: columns by what they hold, numbers of the finding by name."""

from dataclasses import dataclass

from evalkit.record.contributions import CONTRIBUTIONS, staged_shares, with_shares
from evalkit.record.design_specs import headline_spec
from evalkit.record.staging import Staging
from evalkit.record.tables import Column, TableSpec
from evalkit.results import Finding

PERCENT = "%"
_OF_COST = "cost_|line_|price_nearly_sure"


@dataclass(frozen=True, slots=True)
class Kinds:
    """Makes the columns of tables that rest on the same sources, in a measure's unit."""

    sources: tuple[str, ...]
    unit: str
    decimals: int = 2

    def people(self, name: str, label: str) -> Column:
        """Specify a number of people."""
        return Column(name, label, "count", self.sources, decimals=0)

    def share(self, name: str, label: str, base: str, decimals: int = 1) -> Column:
        """Specify a share of the people counted in `base`, in per cent."""
        return Column(name, label, "percentage", self.sources, base, decimals, PERCENT)

    def mean(self, name: str, label: str, base: str) -> Column:
        """Specify a mean over the people counted in `base`."""
        return Column(name, label, "mean", self.sources, base, self.decimals, self.unit)

    def end(self, name: str, label: str, of: str, base: str, unit: str | None = None) -> Column:
        """Specify an end of the interval of the mean or share `of`."""
        unit, decimals = (self.unit, self.decimals) if unit is None else (unit, 1)
        return Column(name, label, "estimate", self.sources, base, decimals, unit, interval_of=of)

    def figure(
        self, name: str, label: str, base: str | None = None, *, unit: str | None = None
    ) -> Column:
        """Specify a model's figure that rests on `base`."""
        unit = self.unit if unit is None else unit
        return Column(name, label, "estimate", self.sources, base, self.decimals, unit)


def words(name: str, label: str) -> Column:
    """Specify a column of words."""
    return Column(name, label, "label")


def organisations(name: str, label: str) -> Column:
    """Specify a number of units, which is no number of people."""
    return Column(name, label, "count", decimals=0, counts="organisations")


def stage_topic_headline(staging: Staging, finding: Finding) -> None:
    """Stage each number that the finding says, rounded as it is said.

    Numbers of cost stand with how far few contributors make them up, where the study says it.
    """
    spec = headline_spec()
    sources = tuple(source.name for source in staging.sources)
    columns: tuple[Column, ...] = (
        spec.columns[0],
        Column("value", "Value", "estimate", sources, decimals=6),
    )
    values, shares = finding.values, staged_shares(staging)
    if shares is not None:
        columns = (*columns, *CONTRIBUTIONS)
        values = with_shares(values, shares, values["name"].str.match(_OF_COST))
    staging.table(TableSpec(spec.name, spec.title, spec.description, columns), values)
