"""Write the list of released studies."""

from pathlib import Path

from evalkit.errors import EvalkitError
from evalkit.reports.bundle import Bundle, read_bundle, released_studies
from evalkit.reports.links import View, write_address
from evalkit.reports.plan import write_stamp
from evalkit.reports.words import escape, say

NOTHING_RELEASED = (
    "Nothing has been released yet. Run a study with `make study`, or release a finished one with "
    "`evalkit release`, then load this page again."
)


def write_gallery(folder: Path) -> str:
    """Return a card for each released study, with its question and its answer."""
    names = released_studies(folder)
    cards = "".join(_write_entry(folder, name) for name in names)
    body = f'<ul class="gallery">{cards}</ul>' if names else _write_nothing()
    return (
        "<h1>Did people’s experience of care improve?</h1>"
        '<p class="lead">Each study below answers one question, with how sure one can be of the '
        f"answer.</p>{body}"
    )


def _write_nothing() -> str:
    first, second = NOTHING_RELEASED.split(". ", 1)
    return f'<section class="answer"><h2>{escape(first)}</h2><p>{escape(second)}</p></section>'


def _write_entry(folder: Path, name: str) -> str:
    try:
        return _write_card(read_bundle(folder, name))
    except EvalkitError as fault:
        return f'<li class="card"><h2>{escape(name)}</h2><p>{escape(fault)}</p></li>'


def _write_card(bundle: Bundle) -> str:
    tags = f'<span class="tag">{escape(write_stamp(bundle))}</span>'
    if bundle.synthetic:
        tags = '<span class="tag synthetic">Synthetic data</span>' + tags
    address = "study" + escape(write_address(View(bundle.study, view="")))
    return (
        f'<li class="card"><p class="tags">{tags}</p>'
        f'<h2><a href="{address}">{escape(bundle.title)}</a></h2>'
        f"<p>{say(bundle.question)}</p>"
        f'<p class="card-answer">{say(bundle.finding["answer"])}</p></li>'
    )
