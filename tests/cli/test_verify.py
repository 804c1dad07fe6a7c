"""`evalkit verify`: what it prints, and how it ends."""

from collections.abc import Callable
from pathlib import Path

import pytest

from evalkit.cli.export import Form, export
from evalkit.cli.release import release
from evalkit.cli.verify import verify
from evalkit.errors import DisclosureError

MakeRun = Callable[..., Path]


def test_a_clean_release_is_said_to_be_one(
    sealed_run: MakeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its name and by its folder: version, files, and the hash of its list."""
    folder = sealed_run()
    release("staff_wellbeing")
    capsys.readouterr()
    verify("staff_wellbeing")
    verify(str(folder))
    printed = capsys.readouterr().out
    assert printed.count("version 1 is as it was released (10 files).") == 2
    assert "same as the copy that was kept" in printed


def test_what_is_wrong_ends_with_code_4(sealed_run: MakeRun) -> None:
    """Each file and what is wrong with it, in one message, and never what is in it."""
    folder = sealed_run()
    release("staff_wellbeing")
    (folder / "tables" / "who.csv").write_text("8.27153")
    (folder / "tables" / "new.csv").write_text("8.27153")
    with pytest.raises(DisclosureError) as fault:
        verify("staff_wellbeing")
    assert fault.value.exit_code == 4
    assert "Not as released: 2 files." in str(fault.value)
    assert "tables/who.csv: changed since" in str(fault.value)
    assert "tables/new.csv: added" in str(fault.value)
    assert "8.27153" not in str(fault.value)


def test_exports_are_made_again_and_compared(
    sealed_run: MakeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """An export that is what the release gives passes; a changed one and a stranger do not."""
    folder = sealed_run()
    release("staff_wellbeing")
    export("staff_wellbeing", form=[Form.XLSX], out=None, released=None, look_early=None)
    verify("staff_wellbeing")
    assert "Exports that are as the release gives them: 1." in capsys.readouterr().out
    exports = folder.parents[1] / "exports" / "staff_wellbeing"
    with (exports / "staff_wellbeing.xlsx").open("ab") as target:
        target.write(b" ")
    (exports / "rows.csv").write_text("a\n")
    with pytest.raises(DisclosureError) as fault:
        verify("staff_wellbeing")
    assert "exports/staff_wellbeing.xlsx: not what the release gives" in str(fault.value)
    assert "exports/rows.csv: added" in str(fault.value)
