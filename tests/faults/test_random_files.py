"""Whatever a file holds, there is a study or one message; `make fuzz` reads ten thousand."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from evalkit.errors import ParameterError
from tests.faults import random_files
from tests.faults.fuzz import CODES, FILES, read_parts
from tests.faults.random_files import data_files, judge_data, judge_parameters, parameter_files

FEW = settings(
    max_examples=100,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of a project without any file."""
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setenv("EVALKIT_PROJECT", str(tmp_path))
    return tmp_path


@FEW
@given(content=parameter_files())
def test_any_parameter_file_is_read_or_refused(empty: Path, content: bytes) -> None:
    """Right files, spoilt, and random bytes: a study, or a refusal with exit code 2."""
    judge_parameters(content, empty)


@settings(FEW, max_examples=50)
@given(file=data_files())
def test_any_data_file_is_estimated_from_or_refused(
    empty: Path, file: tuple[str, str, bytes]
) -> None:
    """Right tables, spoilt, in three forms: an estimate, or a refusal without a value of theirs."""
    judge_data(*file, empty)


def test_what_is_wrong_is_seen(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash, a wrong code and a value in a message do not pass."""

    def judge(fault: Exception) -> int:
        def refuse(path: Path) -> None:
            raise fault

        monkeypatch.setattr(random_files, "load_parameters", refuse)
        return judge_parameters(b"", empty)

    assert judge(ParameterError("title: wrong. Mend it.")) == 2
    with pytest.raises(ZeroDivisionError):
        judge(ZeroDivisionError())
    with pytest.raises(AssertionError, match="nobody reads"):
        judge(ParameterError("Traceback (most recent call last)"))
    mark = random_files.MARKS[0]
    monkeypatch.setattr(random_files, "read_sources", lambda _: judge_mark(mark))
    with pytest.raises(AssertionError, match="a value of the data"):
        judge_data("before_after", "csv", b"", empty)


def judge_mark(mark: str) -> None:
    """Refuse in words that repeat a value."""
    raise ParameterError(f"data_file: {mark} is wrong. Mend it.")


def test_the_figures_are_of_whole_parts_and_of_no_crash() -> None:
    """Each part is there once, has all its files, and each ended with a code of its kind."""
    parts = read_parts()
    assert len({(part["kind"], part["seed"]) for part in parts}) == len(parts) > 0
    for part in parts:
        ended = {code: int(part[f"exit_{code}"]) for code in CODES}
        assert sum(ended.values()) == FILES[part["kind"]]
        assert {code for code in ended if ended[code]} <= {0, *random_files.CODES[part["kind"]]}
