"""The report as one file: the served page's own words, figures and styles, and a script of ours.

It works from a shared drive or an e-mail: it asks for nothing, and its content security policy
lets nothing but this script and these styles run.
"""

import base64
import hashlib
from pathlib import Path

from evalkit.errors import ResourceError
from evalkit.exports.released import ReleasedStudy, pictures_from
from evalkit.reports.bundle import Bundle
from evalkit.reports.choose import write_choose, write_choose_alone
from evalkit.reports.detail import write_detail
from evalkit.reports.explore import write_alone, write_data, write_organisation
from evalkit.reports.links import View, choose_view
from evalkit.reports.organisation import list_facets, list_organisations
from evalkit.reports.summary import write_summary
from evalkit.reports.words import escape

MOST_BYTES = 1_000_000
FOOTER = (
    "Experience of Care Evaluation Workbench. Every number on this page was released after "
    "disclosure control and is shown as released."
)
NAME = "Experience of care evaluation"
_HERE = Path(__file__).parent
_STATIC = Path("template", "voila", "templates", "evalkit", "static")


def make_page(released: ReleasedStudy, most_bytes: int = MOST_BYTES) -> bytes:
    """Return the page of a study; `ResourceError` where it would be too large to send."""
    bundle = released.bundle
    data = write_data(bundle)
    body = write_body(
        released,
        _write_alone(bundle),
        write_choose_alone(bundle, View(bundle.study)),
        served=False,
    )
    script = report_script() if "<select" in body else ""
    page = write_shell(bundle, body + data, styles=page_styles(), script=script).encode()
    if len(page) > most_bytes:
        raise ResourceError(
            f"{bundle.study}: the page would have {len(page)} bytes, and {most_bytes} is the most "
            "that can be sent by e-mail. Serve the report with `evalkit serve`, or export the "
            "spreadsheet and the summary."
        )
    return page


def write_body(
    released: ReleasedStudy,
    organisation: str | None = None,
    choose: str | None = None,
    *,
    served: bool = True,
) -> str:
    """Return all that the served page says of a study, by the functions that write it there."""
    bundle = released.bundle
    if choose is None:
        choose = write_choose(bundle, View(bundle.study))
    if organisation is None:
        organisation = serve_organisation(bundle)
    with pictures_from(released.home):
        detail = write_detail(bundle, served=served)
        return write_summary(bundle, []) + choose + organisation + detail


def serve_organisation(bundle: Bundle) -> str:
    """Return the part on the reader's own organisation as it is served, or nothing."""
    if "organisations" not in bundle.tables:
        return ""
    return write_organisation(bundle, _first_view(bundle))


def _write_alone(bundle: Bundle) -> str:
    return write_alone(bundle, _first_view(bundle)) if "organisations" in bundle.tables else ""


def _first_view(bundle: Bundle) -> View:
    asked = {"study": bundle.study}
    return choose_view(asked, list(list_facets(bundle)), list(list_organisations(bundle)))[0]


def write_shell(bundle: Bundle, body: str, *, styles: str, script: str = "") -> str:
    """Return a whole page around its body, with a policy that lets its own parts run alone."""
    policy = (
        f"default-src 'none'; img-src data:; style-src {_allow(styles)}; "
        f"script-src {_allow(script)}; base-uri 'none'; form-action 'none'"
    )
    return (
        '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(bundle.title)}</title>\n"
        f'<link rel="icon" href="data:,">\n<style>{styles}</style>\n</head>\n<body>\n'
        '<a class="skip-link" href="#content">Skip to main content</a>\n'
        f'<header class="top"><div class="page"><strong>{NAME}</strong></div></header>\n'
        '<div id="announce" class="visually-hidden" role="status"></div>\n'
        f'<main id="content" class="page" tabindex="-1">\n{body}\n</main>\n'
        f'<footer class="bottom"><div class="page"><p>{FOOTER}</p></div></footer>\n'
        f"{f'<script>{script}</script>' if script else ''}\n</body>\n</html>\n"
    )


def page_styles() -> str:
    """Return the style sheet of the report with that of this page behind it."""
    return report_styles() + read_asset("page.css")


def report_styles() -> str:
    """Return the style sheet of the served report."""
    return _read_static("report.css")


def report_script() -> str:
    """Return the script of the served report."""
    return _read_static("report.js")


def _read_static(name: str) -> str:
    import evalkit.reports

    return (Path(evalkit.reports.__path__[0]) / _STATIC / name).read_text(encoding="utf-8")


def read_asset(name: str) -> str:
    """Return a style sheet that stands beside this module."""
    return (_HERE / name).read_text(encoding="utf-8")


def _allow(content: str) -> str:
    """Return the hash by which a policy lets one inline part run; without a part, nothing."""
    if not content:
        return "'none'"
    digest = hashlib.sha256(content.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
