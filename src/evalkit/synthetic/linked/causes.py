"""The named worlds: what the programme and other causes do in each, and what may be concluded."""

from dataclasses import dataclass, replace

FACETS = ("relational", "functional", "felt")
SHARES = {"relational": 1.5, "functional": 0.5, "felt": 1.0}
"""What each facet gets of an effect: the relational three times the functional."""


@dataclass(frozen=True, slots=True)
class Causes:
    """What works in a world, in points of the scale it acts on unless said otherwise.

    `relational`, `functional` and `felt` are the programme's whole effects on patients; overall
    experience moves by their average. `engagement` is its effect on staff, and `link` what one
    point of engagement does to overall experience in the next month. `core20` replaces the effect
    of all facets for patients of the most deprived fifth. `hidden` is an unmeasured cause that
    moves staff and patients together; `drift` what treated trusts gain a year without the
    programme; `reverse` what a point of experience does to engagement in the next month; `luck`
    how far wards strayed from their own level while the worst were chosen. `lost_answers` is the
    share of the most deprived fifth's answers that treated trusts lose, `core20_gap` how far that
    fifth stands apart in every world. `complaints` multiplies complaints and `listening` comments
    about being listened to; `unhappy` moves the share of negative comments. `carer` acts on
    carers' quality of life (0 to 12), `identified` on the share of carers identified.
    """

    relational: float = 0.0
    functional: float = 0.0
    felt: float = 0.0
    engagement: float = 0.0
    link: float = 0.0
    core20: float | None = None
    hidden: float = 0.0
    drift: float = 0.0
    reverse: float = 0.0
    luck: float = 0.0
    worst_chosen: bool = False
    mode_shift: bool = False
    ceiling: bool = False
    core20_gap: float = -0.3
    lost_answers: float = 0.0
    listening: float = 1.0
    complaints: float = 1.0
    unhappy: float = 0.0
    carer: float = 0.0
    identified: float = 0.0
    misses_carers: bool = False
    dissonant: bool = False

    @property
    def overall(self) -> float:
        """The effect on overall experience, for patients outside the most deprived fifth."""
        return (self.relational + self.functional + self.felt) / 3


_GAINS = Causes(relational=0.9, functional=0.3, felt=0.6)
"""A gain that tables of a few thousand answers can show; relational three times functional."""

WORLDS: dict[str, Causes] = {
    "effect_relational": Causes(
        relational=0.45,
        engagement=0.15,
        link=0.2,
        complaints=0.8,
        unhappy=-0.06,
        listening=2.0,
        carer=0.6,
        identified=0.2,
    ),
    "null": Causes(),
    "confounded": Causes(hidden=0.15, drift=0.3),
    "reverse": Causes(reverse=0.5),
    "worst_chosen": Causes(luck=0.8, worst_chosen=True),
    "mode_shift": Causes(mode_shift=True),
    "ceiling": Causes(relational=0.225, functional=0.075, felt=0.15, ceiling=True),
    "nonresponse_by_deprivation": Causes(lost_answers=0.9, core20_gap=-2.0),
    "gap_wider": Causes(relational=1.2, functional=0.4, felt=0.8, core20=-0.6),
    "carer_harm": replace(_GAINS, carer=-1.0, identified=0.2),
    "dissonant": replace(_GAINS, complaints=1.6, unhappy=0.15, dissonant=True),
    "classifier_misses_carers": Causes(misses_carers=True),
}
