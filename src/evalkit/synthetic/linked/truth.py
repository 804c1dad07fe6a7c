"""What is true in a world, for tests and readers."""

from dataclasses import asdict

from evalkit.synthetic.linked.causes import FACETS
from evalkit.synthetic.linked.evidence import tabulate_codes
from evalkit.synthetic.linked.places import MONTHS, START, Places


def tell_truth(name: str, seed: int, places: Places) -> dict[str, object]:
    """Write down the causes of a world and the right answers to each notebook's question."""
    causes = places.causes
    return {
        "world": name,
        "seed": seed,
        "synthetic": True,
        "start": MONTHS[START],
        "causes": asdict(causes),
        "effect": {facet: getattr(causes, facet) for facet in FACETS} | {"overall": causes.overall},
        "convergence": tabulate_codes(places),
    }
