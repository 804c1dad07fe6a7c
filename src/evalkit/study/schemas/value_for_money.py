"""Parameters of `notebooks/value_for_money.ipynb`."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from evalkit.study.fields import Line
from evalkit.study.schemas.topic_study import SourceRoles, TopicStudy, with_sources

_SACE = ("occupation", "control", "personal_care", "safety", "social", "encouragement")


@with_sources
class ValueForMoney(TopicStudy):
    """What does the intervention cost, who pays, and what is gained for it?"""

    SOURCES: ClassVar[dict[str, SourceRoles]] = {
        "costs": SourceRoles(
            "costs, one row a unit, period and item",
            {
                "unit": "text",
                "period": "period",
                "item": "label",
                "payer": "label",
                "amount": "number",
                "price_year": "number",
            },
            needed=("unit", "period", "item", "payer", "amount", "price_year"),
            one_row_per=("unit", "period", "item", "payer"),
        ),
        "activity": SourceRoles(
            "people cared for, one row a unit and period",
            {"unit": "text", "period": "period", "people": "events", "sickness_days": "events"},
            needed=("unit", "period", "people"),
            one_row_per=("unit", "period"),
        ),
        "answers": SourceRoles(
            "people's answers",
            {
                "unit": "text",
                "period": "period",
                "outcome": "number",
                "overall": "number",
                "relational": "number",
                "functional": "number",
                "felt": "number",
                "deprivation_decile": "number",
                "imd_version": "label",
            },
            needed=("unit", "period", "outcome"),
        ),
        "units": SourceRoles(
            "when each unit began",
            {"unit": "text", "provider": "text", "start": "start"},
            needed=("unit", "start"),
            one_row_per=("unit",),
        ),
        "carers": SourceRoles(
            "carers before and after, one row a carer and wave",
            {
                "carer": "text",
                "provider": "text",
                "wave": "label",
                **{f"sace_{domain}": "item" for domain in _SACE},
            },
            needed=("carer", "provider", "wave", *(f"sace_{domain}" for domain in _SACE)),
            optional=True,
            one_row_per=("carer", "wave"),
        ),
    }

    notebook: Literal["value_for_money"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    outcome_facet: Literal["relational", "functional", "felt", "overall"] = Field(
        default="overall", description="which part of experience the outcome measures"
    )
    outcome_better: Literal["higher", "lower"] = Field(
        default="higher", description="which direction of the outcome is the better one"
    )
    outcome_most: float = Field(
        default=10.0, description="the best value that the outcome can take: its ceiling"
    )
    gain_unit: float = Field(
        default=0.1, gt=0, description="gain that the cost is given for, in units of the outcome"
    )
    price_year: int = Field(
        ge=2000, le=2100, description="year of prices; amounts in other years' prices are refused"
    )
    currency: Line = Field(default="pounds", description="currency of the amounts, in the plural")
    costs_are: Literal["extra", "all"] = Field(
        default="extra",
        description="extra: what the intervention adds, set-up included; all: all costs of units",
    )
    perspective: Line = Field(
        default="nhs", description="payer whose costs are set against the gain; others stand beside"
    )
    items_expected: list[Line] = Field(
        default=[
            "programme_staff",
            "backfill",
            "training",
            "lived_experience_payment",
            "carer_time",
        ],
        description="items of cost that must be there, so that no cost is left out unseen",
    )
    discount_percent: float = Field(
        default=3.5, ge=0, le=20, description="per cent a year from the second year after the start"
    )
    prices: list[Annotated[float, Field(ge=0)]] = Field(
        min_length=3,
        max_length=60,
        description="amounts for one gain_unit a person, at which the chance of value is shown",
    )
    sickness_day_cost: float | None = Field(
        default=None,
        gt=0,
        description="cost of a day of staff sickness, shown apart and never added; null for none",
    )
    imd_version: Literal["2019", "2025"] | None = Field(
        default=None, description="edition of the Index of Multiple Deprivation; null for no gap"
    )
