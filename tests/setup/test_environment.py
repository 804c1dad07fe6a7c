"""pyproject.toml is the one source of names and ranges; lock and conda file follow it."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
HOST = re.compile(r"[a-z+]+://|--(extra-)?index|--find-links|--trusted-host|\bfile:")
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+)(?P<rest>.*)$")


@pytest.fixture(scope="module")
def pyproject() -> dict[str, Any]:
    """Return pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def requirements(pyproject: dict[str, Any]) -> list[Requirement]:
    """Return every requirement of the package, its tests and its build."""
    project = pyproject["project"]
    tests = project["optional-dependencies"]["test"]
    lines = [*project["dependencies"], *tests, *pyproject["build-system"]["requires"]]
    return [Requirement(line) for line in lines]


@pytest.fixture(scope="module")
def conda() -> dict[str, Any]:
    """Return environment.yml."""
    return yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))


def locked_packages() -> dict[str, list[tuple[str, int]]]:
    """Return each locked name with its versions and how many hashes each has."""
    found: dict[str, list[tuple[str, int]]] = {}
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        pin = PIN.match(line)
        if pin:
            entry = (pin["version"], 0)
            found.setdefault(canonicalize_name(pin["name"]), []).append(entry)
            last = canonicalize_name(pin["name"])
        elif line.strip().startswith("--hash=sha256:"):
            version, hashes = found[last][-1]
            found[last][-1] = (version, hashes + 1)
    return found


def expected_conda(
    requirements: list[Requirement], names: dict[str, str], python: str
) -> tuple[set[str], set[str]]:
    """Return what environment.yml must list for conda, and what for pip."""
    by_pip = {r for r in requirements if names.get(r.name) == "pip"}
    conda = {
        f"{names.get(r.name, r.name).lower()}{r.specifier}" for r in requirements if r not in by_pip
    }
    return conda | {f"python{python}", "pip"}, {f"{r.name}{r.specifier}" for r in by_pip} | {"-e ."}


def test_conda_environment_has_the_same_packages(
    pyproject: dict[str, Any], requirements: list[Requirement], conda: dict[str, Any]
) -> None:
    """environment.yml lists exactly the requirements of pyproject.toml, with their ranges."""
    names = pyproject["tool"]["evalkit"]["conda-names"]
    by_conda, by_pip = expected_conda(requirements, names, pyproject["project"]["requires-python"])
    listed = [entry for entry in conda["dependencies"] if isinstance(entry, str)]
    pip = next(entry["pip"] for entry in conda["dependencies"] if isinstance(entry, dict))
    assert set(listed) == by_conda
    assert set(pip) == by_pip
    assert len(listed) == len(set(listed))


def test_conda_environment_uses_conda_forge_alone(conda: dict[str, Any]) -> None:
    """environment.yml is called evalkit and draws on no channel but conda-forge."""
    assert conda["name"] == "evalkit"
    assert conda["channels"] == ["conda-forge", "nodefaults"]


def test_conda_names_are_of_packages_in_use(
    pyproject: dict[str, Any], requirements: list[Requirement]
) -> None:
    """The list of conda names holds no name that pyproject.toml has dropped."""
    names = {requirement.name for requirement in requirements}
    assert set(pyproject["tool"]["evalkit"]["conda-names"]) <= names


def test_every_requirement_is_locked_in_range(requirements: list[Requirement]) -> None:
    """Each requirement stands in the lock, at versions inside its range."""
    locked = locked_packages()
    for requirement in requirements:
        versions = [version for version, _ in locked[canonicalize_name(requirement.name)]]
        assert all(version in requirement.specifier for version in versions), requirement.name


def test_every_pin_has_a_hash() -> None:
    """No line of the lock is without a hash, so that pip can refuse anything else."""
    locked = locked_packages()
    assert len(locked) > 100
    assert [name for name, pins in locked.items() if any(hashes == 0 for _, hashes in pins)] == []


def test_every_line_of_the_lock_is_a_pin_or_a_hash() -> None:
    """The lock holds pins and hashes only: no option, no comment, no address."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    other = [
        n for n, line in enumerate(lines, 1) if not re.match(r"[a-zA-Z0-9]\S*==|    --hash=", line)
    ]
    assert other == []


@pytest.mark.parametrize("name", ["pyproject.toml", "requirements.lock", "environment.yml"])
def test_no_host_is_named(name: str) -> None:
    """Where packages come from is the reader's own setting: no file names a host."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert [n for n, line in enumerate(lines, 1) if HOST.search(line)] == []


def test_the_build_parts_are_in_the_test_extra(pyproject: dict[str, Any]) -> None:
    """What builds the package is locked too, as it is installed without build isolation."""
    names = {
        Requirement(line).name for line in pyproject["project"]["optional-dependencies"]["test"]
    }
    build = {Requirement(line).name for line in pyproject["build-system"]["requires"]}
    assert build <= names
    assert "editables" in names


def test_the_locked_extras_are_in_the_test_extra(pyproject: dict[str, Any]) -> None:
    """What an extra brings is locked and tested at the same range; Spark is too large for that."""
    extras = pyproject["project"]["optional-dependencies"]
    assert extras.keys() == {"test", "cluster", "postgresql", "spark"}
    assert {*extras["cluster"], *extras["postgresql"]} <= set(extras["test"])
