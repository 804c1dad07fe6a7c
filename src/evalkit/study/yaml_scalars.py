"""How YAML 1.1 (papermill's PyYAML) and YAML 1.2 (core schema) read a scalar without quotes."""

import re

import yaml

_VERSION_1_2 = (
    ("null", re.compile(r"null|Null|NULL|~|")),
    ("bool", re.compile(r"true|True|TRUE|false|False|FALSE")),
    ("int", re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")),
    ("float", re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")),
    ("float", re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")),
)
_YES_AND_NO = re.compile(r"y|Y|n|N")
_SWITCHES = re.compile(r"y|n|yes|no|on|off", re.IGNORECASE)
_ZEROS_IN_FRONT = re.compile(r"[-+]?0[0-9]+")
_EXPONENT = re.compile(r"([-+]?)([0-9]*)\.?([0-9]*)(?:[eE]([-+]?)([0-9]+))?")
_LONGEST_NUMBER = 40

Scalar = str | int | float | bool | None


def kind_in_version_1_1(written: str) -> str:
    """Name the kind PyYAML gives a plain scalar; `y` and `n` as the YAML 1.1 text has them."""
    if _YES_AND_NO.fullmatch(written):
        return "bool"
    resolver = yaml.resolver.Resolver()
    tag: str = resolver.resolve(yaml.ScalarNode, written, (True, False))  # type: ignore[no-untyped-call]
    return tag.removeprefix("tag:yaml.org,2002:")


def kind_in_version_1_2(written: str) -> str:
    """Name the kind the core schema of YAML 1.2.2 (section 10.3.2) gives a plain scalar."""
    for kind, pattern in _VERSION_1_2:
        if pattern.fullmatch(written):
            return kind
    return "str"


def find_scalar_fault(written: str) -> str | None:
    """Say why a plain scalar cannot stand as it is, and what to write; None if it can."""
    old, new = kind_in_version_1_1(written), kind_in_version_1_2(written)
    if old != new:
        return f"is read differently by YAML 1.1 and YAML 1.2; {_advise(written, new)}"
    if new == "int" and _ZEROS_IN_FRONT.fullmatch(written):
        return f"would lose the zeros in front, or be read in base 8; {_advise(written, new)}"
    if new in ("int", "float") and len(written) > _LONGEST_NUMBER:
        return f"is a number of more than {_LONGEST_NUMBER} characters; quote it"
    return None


def read_scalar(written: str) -> Scalar:
    """Read a plain scalar in which `find_scalar_fault` finds nothing: both versions agree."""
    kind = kind_in_version_1_2(written)
    if kind == "null":
        return None
    if kind == "bool":
        return written.lower() == "true"
    if kind == "int":
        return int(written, 16 if "x" in written else 10)
    if kind == "float":
        return float(re.sub(r"\.(?=inf|nan)", "", written.lower()))
    return written


def _advise(written: str, new: str) -> str:
    if _SWITCHES.fullmatch(written):
        return "write true or false, or quote it"
    if _ZEROS_IN_FRONT.fullmatch(written):
        return "quote it"
    if new == "float" and len(written) <= _LONGEST_NUMBER:
        return f"{_unmistakable(written)}, or quote it"
    return "quote it"


def _unmistakable(written: str) -> str:
    """Write a number so that both versions read a number: 1e-3 becomes 0.001 or 1.0e-3."""
    match = _EXPONENT.fullmatch(written)
    if match is None:
        return "write it in digits"
    sign, whole, fraction, exponent_sign, exponent = match.groups()
    if exponent is None:
        return f"write {sign}{whole or '0'}.{fraction or '0'}"
    scientific = f"{sign}{whole or '0'}.{fraction or '0'}e{exponent_sign or '+'}{exponent}"
    digits = repr(float(written))
    if kind_in_version_1_1(digits) == "float":
        return f"write {digits} or {scientific}"
    return f"write {scientific}"
