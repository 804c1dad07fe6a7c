"""What docs/schedules.md promises: its codes and words are those there are, and its night works."""

import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

from evalkit.cli.compare import CONCLUSION_CHANGED
from evalkit.errors import EXIT_CODES, Status

PAGE = Path(__file__).resolve().parents[2] / "docs" / "schedules.md"
STUDY = "staff_wellbeing"


def test_the_page_has_every_exit_code() -> None:
    """The table has a row for each code of the enum, and for that of a changed conclusion."""
    rows = {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE.read_text("utf-8"), re.M)}
    assert rows == {*EXIT_CODES.values(), CONCLUSION_CHANGED}


def test_the_page_has_every_status() -> None:
    """The statuses that JSON may hold are those of the enum, in its order."""
    listed = re.search(r"`status` is one of `([^`]+)`", PAGE.read_text("utf-8"))
    assert listed is not None
    known = {str(status) for status in Status}
    assert known - set(re.split(r",\s+", listed[1])) == set()


def write_night(project: Path) -> Path:
    """Write the page's script with this project, this interpreter, and a mail that is kept."""
    page = PAGE.read_text("utf-8")
    script = dedent(page[page.index("    #!/bin/sh") : page.index("\nA fault goes before")])
    tools = project / "tools"
    tools.mkdir()
    runs = f"exec {sys.executable} -c 'from evalkit.cli.main import main; main()' \"$@\"\n"
    for name, does in (("evalkit", runs), ("mail", f"cat >> {project}/mail.txt\n")):
        (tools / name).write_text(f"#!/bin/sh\n{does}")
        (tools / name).chmod(0o755)
    script = script.replace("/srv/evaluation", str(project)).replace(". .venv/bin/activate\n", "")
    path = project / "nightly.sh"
    path.write_text(script)
    return path


def test_the_night_tells_of_a_changed_conclusion(sealed_project: Path) -> None:
    """Where a check changed its verdict, the night ends with 10, and a mail says which."""
    night = write_night(sealed_project)
    path = f"{sealed_project / 'tools'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = os.environ | {"PATH": path}
    notebook = sealed_project / "notebooks" / f"{STUDY}.ipynb"
    notebook.write_text(notebook.read_text().replace('\\"passes\\"', '\\"concern\\"'))
    assert subprocess.run(["sh", str(night)], env=environment).returncode == CONCLUSION_CHANGED
    assert (
        "check, Are there enough trusts?: passes -> concern"
        in (sealed_project / "mail.txt").read_text()
    )
