"""A run records the code that made it, also where the source is edited in the middle."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import yaml

import evalkit
from evalkit.record.hashes import hash_code
from evalkit.runs.code import read_code

Write = Callable[..., Path]
SWEEP = """
import json, sys
from pathlib import Path
import evalkit
from evalkit.sweeps.schedule import Order, run_all

def edit(ended):
    source = Path(evalkit.__file__)
    text = source.read_text()
    source.write_text(text if "# edited" in text else text + "# edited\\n")

ended = run_all(map(Path, sys.argv[1:]), Order(at_once=1), report=edit)
print(json.dumps([[one.status, one.key, one.message] for one in ended]))
"""

AGAIN = """
import sys
from pathlib import Path
import evalkit
from evalkit.disclosure.release import release_study
from evalkit.disclosure.verify import read_provenance
from evalkit.errors import EnvironmentFault
from evalkit.runs.again import run_again
from evalkit.runs.run import run_study

sealed = run_study(Path(sys.argv[1])).sealed
provenance = read_provenance(release_study(sealed.folder).folder)
notebook = Path(sys.argv[2])
text = notebook.read_text()
edit = "open(__import__('evalkit').__file__, 'a').write('# more')"
edited = text.replace('import os\\\\n', f'import os; {edit}\\\\n', 1)
assert edited != text
notebook.write_text(edited)
try:
    run_again(provenance)
except EnvironmentFault as fault:
    print(fault)
"""


def copy_package(tmp_path: Path) -> Path:
    """Copy evalkit's source to a folder of its own, to be edited there."""
    skip = shutil.ignore_patterns("__pycache__")
    return shutil.copytree(
        Path(evalkit.__file__).parent, tmp_path / "code" / "evalkit", ignore=skip
    )


def two_studies(parameter_file: Path) -> list[str]:
    """Write the study under a second name; return both files."""
    values = yaml.safe_load(parameter_file.read_text()) | {"study": "second"}
    second = parameter_file.with_name("second.yml")
    second.write_text(json.dumps(values))
    return [str(parameter_file), str(second)]


def run_with(code: Path, project: Path, program: str, *arguments: str) -> str:
    """Run a program with the copied source; return what it printed."""
    environment = os.environ | {
        "EVALKIT_PROJECT": str(project),
        "PYTHONPATH": str(code.parent),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=project)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_source_edited_during_a_sweep_makes_no_record_with_a_wrong_hash(
    project: Path, parameter_file: Path, tmp_path: Path
) -> None:
    """The run before the edit has the old hash; the next is made afresh and has the new one."""
    code = copy_package(tmp_path)
    before = hash_code(code)
    told = json.loads(run_with(code, project, SWEEP, *two_studies(parameter_file)))
    assert [one[0] for one in told] == ["ok", "ok"], told
    folder = project / "reports" / "runs"
    runs = [next(folder.glob(f"*/{one[1]}")) for one in told]
    records = [json.loads((run / "record.json").read_text()) for run in runs]
    ways = [json.loads((run / "run.json").read_text())["processes"] for run in runs]
    assert ways == ["warm", "fresh"]
    assert [record["hashes"]["code"] for record in records] == [before, hash_code(code)]
    assert before != hash_code(code)


def test_source_edited_during_a_run_seals_nothing(
    project: Path, notebook: Write, parameter_file: Path, tmp_path: Path
) -> None:
    """A run whose notebook sees the source change, warm or fresh, is refused in words."""
    notebook(
        "import evalkit\n_file = open(evalkit.__file__, 'a')\nprint('# more', file=_file)\n"
        "_file.close()"
    )
    code = copy_package(tmp_path)
    told = json.loads(run_with(code, project, SWEEP, *two_studies(parameter_file)))
    assert [one[0] for one in told] == ["environment", "environment"], told
    assert all("changed while the run was under way" in one[2] for one in told)
    assert not list((project / "reports" / "runs").glob("*/*/record.json"))


def test_source_edited_while_a_release_is_made_again_is_no_answer(
    project: Path, notebook: Write, parameter_file: Path, tmp_path: Path
) -> None:
    """A record that no one version of the source made is compared with nothing."""
    code = copy_package(tmp_path)
    told = run_with(code, project, AGAIN, str(parameter_file), str(notebook()))
    assert "changed while the run was under way" in told


def test_a_file_written_again_as_it_was_is_no_change(tmp_path: Path) -> None:
    """Only another content counts: a new time alone does not, a file more or less does."""
    folder = tmp_path / "evalkit"
    (folder / "__pycache__").mkdir(parents=True)
    (folder / "one.py").write_text("1")
    code = read_code(folder)
    os.utime(folder / "one.py", ns=(1, 1))
    (folder / "__pycache__" / "one.pyc").write_text("x")
    assert code.is_as_read()
    (folder / "two.py").write_text("")
    assert not code.is_as_read()
