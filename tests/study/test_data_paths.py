"""Paths as written: only those that stay inside are let through."""

import pytest

from evalkit.study.data_paths import find_path_fault

INSIDE = [
    "data/synthetic/staff_wellbeing/effect/staff.csv",
    "{data_root}/staff_survey/table 1.xlsx",
    "data/2022 results (v2) [final].ods",
    "data/..hidden.csv",
    "données/été.csv",
    "content/x.csv",
]
OUTSIDE = [
    "../x.csv",
    "data/../../etc/passwd",
    "{data_root}/../x.csv",
    "/etc/passwd",
    "{data_root}//etc/passwd",
    "~/x.csv",
    "C:\\x.csv",
    "C:/x.csv",
    "\\\\server\\share\\x.csv",
    "//server/share/x.csv",
    "data\\x.csv",
    "%2e%2e/x.csv",
    "data/%2E%2E%2fx.csv",
    "data/./x.csv",
    "data//x.csv",
    "data/x.csv.",
    "data/x.csv ",
    "data /x.csv",
    "NUL",
    "data/con.csv",
    "data/Com1.tar.gz",
    "data/lpt9 .txt",
    "https://example.org/x.csv",
    "data/x.csv:stream",
    "data/*.csv",
    "data/x?.csv",
    "{other}/x.csv",
    "data/{0.__class__}.csv",
    "data/x\n.csv",
    "data/" + "x" * 256,
    "",
]


@pytest.mark.parametrize("written", INSIDE)
def test_a_path_inside_the_project_or_the_data_folder_is_let_through(written: str) -> None:
    """Spaces, brackets and letters of any language are all right."""
    assert find_path_fault(written) is None


@pytest.mark.parametrize("written", OUTSIDE)
def test_a_path_that_could_lead_out_or_mean_something_else_is_refused(written: str) -> None:
    """Parents, roots, drives, shares, codes, devices, streams, wildcards and templates."""
    assert find_path_fault(written)
