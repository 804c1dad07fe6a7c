"""Write the fields of forms that need no script."""

from evalkit.reports.words import escape


def write_select(form: str, name: str, label: str, options: dict[str, str], chosen: str) -> str:
    """Return a labelled list to choose from; `options` has the words of each value, in order.

    `form` begins the mark that ties label and list, so that two forms can stand on one page.
    """
    mark = f"{form}-{name}"
    listed = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>'
        f"{escape(words)}</option>"
        for value, words in options.items()
    )
    return (
        f'<div><label for="{mark}">{label}</label>'
        f'<select id="{mark}" name="{name}">{listed}</select></div>'
    )
