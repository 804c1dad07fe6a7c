"""The strict reader: everything refused is refused with its line, the rest is read as papermill."""

import json
import math
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from papermill.iorw import NoDatesSafeLoader
from papermill.iorw import read_yaml_file as read_as_papermill

from evalkit.errors import ParameterError
from evalkit.study.yaml_file import LARGEST_FILE, read_yaml_file, read_yaml_text

SECONDS_TO_REFUSE = 1.0  # of processor time; a person waits so long unasked; measured: 0.03

REFUSED = {
    "a: &x 1": "line 1: sets an anchor (&x)",
    "a: 1\nb: *x": "line 2: uses an alias (*x)",
    "a: !!python/object:os.system x": "line 1: has a tag",
    "a: ! x": "line 1: has a tag (!)",
    "a: !!str 1": "line 1: has a tag",
    "a: 1\n<<: {b: 1}": "line 2: uses a merge key",
    "a: 1\nb: 2\na: 3": "line 3: gives a again (first on line 1)",
    "a: {b: 1, 'b': 2}": "line 1: gives b again",
    "a:\n  - b: 1\n    b: 2": "line 3: gives b again (first on line 2)",
    "a: 1\n---\nb: 2": "line 2: begins a second document",
    "": "line 1: is empty",
    "# nothing\n": "line 1: is empty",
    "---\n": "is empty",
    "- a\n- b": "line 1: is no `name: value`",
    "a": "line 1: is no `name: value`",
    "a: [[[[[[1]]]]]]": "line 1: is nested deeper than 6 levels",
    "a: 1\nclass: 2": "line 2: has the name 'class'",
    "print: 2": "has the name 'print'",
    "__name__: 2": "has the name '__name__'",
    "_a: 2": "has the name '_a'",
    "n=1;import os: 2": "has the name 'n=1;import os'",
    "'': 2": "has the name ''",
    "é: 2": "has the name 'é'",
    "1: 2": "line 1: has a name that is not text",
    "a: {1: 2}": "line 1: has a name that is not text",
    "? [a]\n: 1": "line 1: has a name that is not text",
    "no: 1": "line 1: no is read differently",
    "a: 1\nb:\t2": "line 2: holds a tab",
    "a: \x07": "line 1: the line: holds a control character (U+0007)",
    "a: \x85b": "holds a control character (U+0085)",
    "a: \u2028b": "holds a control character (U+2028)",
    'a: "\\0"': "holds a control character (U+0000)",
    'a: "\\ud800"': "holds a control character (U+D800)",
    'a: "\\U99999999"': "an escape or a directive cannot be read",
    "a: .nan": "is not a finite number",
    "a: -.inf": "is not a finite number",
    "a: 1.0e+999": "is not a finite number",
    "a: 99999999999999999999": "more than 64 bits",
    "a: [1": "is not YAML",
    "a: 'b": "is not YAML",
    "a: b: c": "is not YAML",
    "a: b\ufeff": "byte order mark",
}


@pytest.mark.parametrize(("text", "said"), REFUSED.items())
def test_what_two_readers_could_take_differently_is_refused(text: str, said: str) -> None:
    """Each gives one message that names the file, the line and the fault."""
    with pytest.raises(ParameterError) as refusal:
        read_yaml_text(text, "x.yml")
    assert str(refusal.value).startswith("x.yml: 1 fault in the file.")
    assert said in str(refusal.value)


def test_all_faults_are_told_at_once_with_their_lines() -> None:
    """Six faults on four lines: six lines in the message, in the order of the file."""
    with pytest.raises(ParameterError) as refusal:
        read_yaml_text("a: no\nb: 0123\na: [12:30:00]\nc: &x 1e-3\n", "x.yml")
    lines = str(refusal.value).splitlines()
    assert lines[0].startswith("x.yml: 6 faults")
    assert [line.split(":")[0].strip() for line in lines[1:]] == [
        "line 1",
        "line 2",
        "line 3",
        "line 3",
        "line 4",
        "line 4",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a: 'no'\nb: \"0123\"\nc: ~\nd:\ne: [1, 2.5, true, null]\nf: {g: h}\n",
        "a: |\n  two\n  lines\nb: >-\n  folded\n  text\n",
        '\ufeffa: "é \\" \\\\ {} \U0001f600 \u05d0"\n',
        "a: 1\r\nb: 'x'\r\n",
        "---\na: plain text, with commas\n",
        '{"a": [1, {"b": null}]}',
    ],
)
def test_what_is_accepted_is_what_stock_papermill_reads(tmp_path: Path, text: str) -> None:
    """The file read by `papermill -f` gives the same names, values and types."""
    path = tmp_path / "x.yml"
    path.write_bytes(text.encode("utf-8"))
    ours = read_yaml_file(path)
    assert exact(ours) == exact(read_as_papermill(str(path)))


def test_an_alias_bomb_is_refused_at_once() -> None:
    """Nine to the twelfth power of values is never built."""
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 13)]
    bomb = "\n".join(["l0: &l0 [x, x, x, x, x, x, x, x, x]", *levels])
    assert seconds_to_refuse(bomb) < SECONDS_TO_REFUSE


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_nesting_of_a_hundred_thousand_is_refused_at_once(opening: str) -> None:
    """Nesting costs neither time nor the stack."""
    text = "a: " + opening * (100_000 // len(opening)) if opening in "[{a: " else opening * 50_000
    assert seconds_to_refuse(text) < SECONDS_TO_REFUSE


def test_a_sexagesimal_of_a_hundred_thousand_digits_is_refused_at_once() -> None:
    """YAML 1.1 would read one huge number."""
    assert seconds_to_refuse("a: 1" + ":1" * 100_000) < SECONDS_TO_REFUSE


def test_an_oversize_file_is_refused_without_reading_it_whole(tmp_path: Path) -> None:
    """Ten megabytes are refused in well under a second, naming the limit."""
    path = tmp_path / "big.yml"
    path.write_bytes(b"a: 1\n" * 2_000_000)
    start = time.process_time()
    with pytest.raises(ParameterError, match=f"more than {LARGEST_FILE // 1024} kB"):
        read_yaml_file(path)
    assert time.process_time() - start < SECONDS_TO_REFUSE


def test_text_that_is_not_utf_8_is_refused_with_its_line(tmp_path: Path) -> None:
    """A file saved in a Windows code page says where."""
    path = tmp_path / "x.yml"
    path.write_bytes(b"a: 1\nb: caf\xe9\n")
    with pytest.raises(ParameterError, match="line 2 is not UTF-8"):
        read_yaml_file(path)


@pytest.mark.parametrize("name", ["absent.yml", ".", "/dev/zero"])
def test_what_is_no_file_is_refused(tmp_path: Path, name: str) -> None:
    """A missing file, a folder and a device each give the same clear message."""
    with pytest.raises(ParameterError, match="no such file"):
        read_yaml_file(tmp_path / name)


SIGNS = "a b: : - ? , [ ] { } & * &a *a ! !!int << | > >- ' \" \\ # % @ ` ~"
EDGES = "no y 0 07 1e3 1_0 1:30 .5 -.5 .nan .inf 2024-01-01 null true --- ... %YAML \x00 \ufeff é"
GAPS = (" ", "\n", "\n  ", ": ", "- ", "a: ", "\nb: ", "\n- ", "\t", "\x85", '"\\x', '"\\ud800"')
PIECES = st.sampled_from([*SIGNS.split(), *EDGES.split(), *GAPS])
TEXTS = st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=60)


@settings(max_examples=3000, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=TEXTS | TEXTS.map(lambda text: f"a: {text}"))
def test_any_text_is_refused_or_read_as_papermill_reads_it(text: str) -> None:
    """Random YAML gives the very value that papermill gives, or a ParameterError."""
    text = text.replace("\r", "\n")
    try:
        ours = read_yaml_text(text, "x.yml")
    except ParameterError:
        return
    assert exact(ours) == exact(yaml.load(text, Loader=NoDatesSafeLoader))  # noqa: S506


PLAIN = st.text(alphabet="0123456789+-._:eExobaynfstruYNOil~=<", min_size=1, max_size=9)


@settings(max_examples=3000, deadline=None)
@given(written=PLAIN)
def test_any_plain_scalar_is_refused_or_read_as_papermill_reads_it(written: str) -> None:
    """Numbers, dates and switches near the edges: the same value and type, or refused."""
    try:
        ours = read_yaml_text(f"a: {written}", "x.yml")
    except ParameterError:
        return
    theirs = yaml.load(f"a: {written}", Loader=NoDatesSafeLoader)  # noqa: S506
    assert exact(ours) == exact(theirs)


def exact(value: object) -> str:
    """Write a value so that 1, 1.0, True and "1" are four different texts."""
    assert not (isinstance(value, float) and math.isnan(value))
    return json.dumps(value, sort_keys=True, allow_nan=False)


def seconds_to_refuse(text: str) -> float:
    """Measure the processor time of a refusal: other work on the machine does not count."""
    start = time.process_time()
    with pytest.raises(ParameterError):
        read_yaml_text(text, "x.yml")
    return time.process_time() - start
