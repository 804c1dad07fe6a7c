"""Patterns by which a person could be found: numbers, addresses and postcodes."""

import re
import unicodedata

_DASHES = re.compile("[\u2010-\u2015\u2212]")
_NHS_NUMBER = re.compile(r"(?<![\d.])\d{3}(?:[ -]?\d{3}[ -]?|\.\d{3}\.|/\d{3}/)\d{4}(?![\d.]\d|\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_PHONE = re.compile(r"(?<![\d.])(?:\+44\s?|\(?0)\d{2,4}\)?[\s-]?\d{3,4}[\s-]?\d{3,4}(?!\d)")
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}\b")


def identifiers(text: str) -> dict[str, int]:
    """Count what looks like a person's identifier in a text, by kind, as a reader sees it."""
    text = _DASHES.sub("-", unicodedata.normalize("NFKC", text))
    text = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    found = {
        "NHS number": sum(map(_is_nhs_number, _NHS_NUMBER.findall(text))),
        "e-mail address": len(_EMAIL.findall(text)),
        "telephone number": len(_PHONE.findall(text)),
        "postcode": len(_POSTCODE.findall(text)),
    }
    return {kind: count for kind, count in found.items() if count}


def _is_nhs_number(written: str) -> bool:
    """Check the last digit: 11 less the weighted sum modulo 11 (weights 10 down to 2)."""
    digits = [int(letter) for letter in written if letter.isdigit()]
    check = 11 - sum(d * w for d, w in zip(digits, range(10, 1, -1), strict=False)) % 11
    return check % 11 == digits[9] and check != 10
