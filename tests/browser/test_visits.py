"""Reader after reader gets a page whose controls answer."""

import os
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

Visit = Callable[..., None]
TRUSTS = 130


@pytest.mark.timeout(900)
def test_visits_in_a_row_never_hang(page: Page, visit: Visit) -> None:
    """Every visit ends with controls that answer; EVALKIT_VISITS asks for more than 30."""
    for number in range(int(os.environ.get("EVALKIT_VISITS", "30"))):
        unit = number % TRUSTS
        visit(page, f"study?study=staff_wellbeing&organisation=S{unit:02d}")
        name = page.locator("#view .view-name").inner_text()
        assert name == f"Synthetic Trust {unit:03d}: Overall patient experience"
