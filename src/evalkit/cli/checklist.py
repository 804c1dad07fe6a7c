"""`evalkit checklist`: which items of the reporting checklists a released study answers."""

from pathlib import Path
from typing import Annotated

import typer

_HARDEST = 3


def checklist(
    study: Annotated[str, typer.Argument(help="Name of a released study.")],
    only_open: Annotated[bool, typer.Option("--open", help="Open items only.")] = False,
    released: Annotated[
        Path | None, typer.Option(help="Folder of released studies; default reports/released.")
    ] = None,
) -> None:
    """List each item of SQUIRE, TIDieR, GRIPP, STROBE and RAP: where it is answered, or open."""
    from evalkit.project import project_root
    from evalkit.reports.bundle import read_bundle
    from evalkit.reports.checklists import (
        NAMES,
        count_answered,
        describe_place,
        fill_checklists,
        item_name,
    )
    from evalkit.reports.reading_age import hardest_sentences, say_reading_age, study_texts

    bundle = read_bundle(released or project_root() / "reports" / "released", study)
    counts, filled = count_answered(bundle), fill_checklists(bundle)
    for key, name in NAMES.items():
        print(f"\n{name}: {counts[key][0]} of {counts[key][1]}")
        for one in filled:
            if one.item.checklist != key or (only_open and one.places):
                continue
            where = "; ".join(describe_place(place, bundle)[0] for place in one.places)
            print(f"  {item_name(one.item)}: {where or f'open. {one.item.asks}'}")
    print(f"\n{say_reading_age(bundle)} Its hardest sentences:")
    for sentence in hardest_sentences(study_texts(bundle), _HARDEST):
        print(f"  {sentence.age:.0f}: {sentence.text}")
