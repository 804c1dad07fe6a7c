"""EVALKIT_REQUIRE turns a skip for want of a named part into a failure."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = """
import pytest

@pytest.mark.browser
def test_marked():
    pytest.skip("no chromium")

def test_named():
    pytest.skip("real_data: not here")

def test_other():
    pytest.skip("other: not here")
"""
MODULE = 'import pytest\npytest.skip("real_data: not here", allow_module_level=True)\n'

pytest_plugins = ("pytester",)


@pytest.fixture
def sample(pytester: pytest.Pytester) -> pytest.Pytester:
    """Return a folder with three tests that skip, under this project's conftest."""
    pytester.makeconftest((ROOT / "tests" / "conftest.py").read_text(encoding="utf-8"))
    pytester.makeini("[pytest]\nmarkers =\n    browser: needs a browser")
    pytester.makepyfile(SAMPLE)
    return pytester


def run(sample: pytest.Pytester, required: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Run the sample with EVALKIT_REQUIRE set; return how many ended how."""
    monkeypatch.setenv("EVALKIT_REQUIRE", required)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return sample.runpytest_subprocess("-p", "no:cacheprovider").parseoutcomes()


def test_nothing_required(sample: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the variable a skip is a skip."""
    assert run(sample, "", monkeypatch) == {"skipped": 3}


def test_required_by_mark(sample: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that bears a required part's mark may not skip."""
    assert run(sample, "browser", monkeypatch) == {"skipped": 2, "failed": 1}


def test_required_by_reason(sample: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test whose reason begins with a required part may not skip; another's may."""
    assert run(sample, "browser, real_data", monkeypatch) == {"skipped": 1, "failed": 2}


def test_required_by_a_whole_file(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that skips itself for want of a required part is an error."""
    pytester.makeconftest((ROOT / "tests" / "conftest.py").read_text(encoding="utf-8"))
    pytester.makepyfile(MODULE)
    assert run(pytester, "real_data", monkeypatch) == {"errors": 1}
    assert run(pytester, "browser", monkeypatch) == {"skipped": 1}


def test_real_data_are_missed_by_name(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without real data the test that needs them skips, or fails where they are required."""
    pytester.makeconftest((ROOT / "tests" / "conftest.py").read_text(encoding="utf-8"))
    pytester.makepyfile("def test_real(data_root):\n    assert data_root.is_dir()\n")
    monkeypatch.setenv("EVALKIT_DATA_ROOT", str(pytester.path / "nowhere"))
    assert run(pytester, "", monkeypatch) == {"skipped": 1}
    assert run(pytester, "real_data", monkeypatch) == {"errors": 1}
    monkeypatch.setenv("EVALKIT_DATA_ROOT", str(pytester.path))
    assert run(pytester, "real_data", monkeypatch) == {"passed": 1}


def test_project_is_a_copy(project: Path) -> None:
    """The project fixture is a folder of its own, with the files a study reads."""
    assert not project.is_relative_to(ROOT)
    assert (project / "pyproject.toml").exists()
    assert (project / "parameters" / "staff_wellbeing.yml").exists()
