"""Four ways to make the same runs, each with its seconds on the wall and of processors."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
BIN = Path(sys.executable).parent
AT_ONCE = 2
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}


@dataclass(frozen=True, slots=True)
class Spent:
    """What so many runs took together, and the answer of each study."""

    runs: int
    seconds: float
    processor: float
    answers: dict[str, str]

    @property
    def a_run(self) -> float:
        """Seconds on the wall a run."""
        return self.seconds / self.runs


class Bench:
    """A project in a folder of its own: notebooks, their data, and parameter files of sweeps."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        for part in ("notebooks", "parameters", "data/synthetic"):
            shutil.copytree(ROOT / part, self.root / part)
        for name in ("pyproject.toml", "requirements.lock"):
            shutil.copy(ROOT / name, self.root)
        self.environment = os.environ | ONE_THREAD | {"EVALKIT_PROJECT": str(self.root)}

    def write_parameters(self, sweep: Path) -> list[Path]:
        """Write the parameter files of a sweep, as `evalkit run` would."""
        from evalkit.sweeps.files import read_sweep, write_parameters

        name, runs = read_sweep(sweep)
        return [write_parameters(run, self.root / "parameters" / name) for run in runs]

    def run_sweep(self, files: list[Path]) -> Spent:
        """Make the runs by one `evalkit run`; the records that were there are gone before."""
        self.clear()
        with spending() as spent:
            done = self._start(["evalkit", "run", *map(str, files), "--json", "--quiet"])
            told = [json.loads(line) for line in _output(done).splitlines()]
        *ended, _ = told
        answers = {Path(one["parameters"]).stem: one["message"] for one in ended}
        if len(answers) != len(files) or any(one["skipped"] for one in ended):
            raise SystemExit("evalkit run: not every run was made")
        return spent(answers)

    def run_cold(self, file: Path) -> Spent:
        """Make one run by `evalkit run`, alone."""
        self.clear()
        with spending() as spent:
            _output(self._start(["evalkit", "run", str(file), "--quiet"]))
        record = next((self.root / "reports" / "runs").glob("*/*/record.json"))
        return spent({file.stem: json.loads(record.read_text("utf-8"))["finding"]["answer"]})

    def run_papermill(self, files: list[Path], at_once: int = 1) -> Spent:
        """Make the runs by the papermill command, so many at a time."""
        waiting, running = list(files), list[subprocess.Popen[str]]()
        with spending() as spent:
            while waiting or running:
                while waiting and len(running) < at_once:
                    running.append(self._start(self._papermill(waiting.pop(0))))
                ended = [one for one in running if one.poll() is not None]
                for one in ended:
                    running.remove(one)
                    _output(one)
                time.sleep(0.0 if ended else 0.02)
        return spent({file.stem: self._answer_of(file) for file in files})

    def run_floor(self, files: list[Path]) -> Spent:
        """Make the runs' calls in two processes that are warm, each taking every other one."""
        shares = [files[number::AT_ONCE] for number in range(min(AT_ONCE, len(files)))]
        command = ["python", str(HERE / "floor.py")]
        warm = [self._start([*command, *map(str, share)]) for share in shares]
        for process in warm:
            assert process.stdout is not None
            if process.stdout.readline() != "ready\n":
                raise SystemExit(f"floor: {_output(process)}")
        with spending() as spent:
            for process in warm:
                assert process.stdin is not None
                process.stdin.write("go\n")
                process.stdin.flush()
            told = [json.loads(line) for one in warm for line in _output(one).splitlines()]
        order = [file for share in shares for file in share]
        answers = {f.stem: one["answer"] for f, one in zip(order, told, strict=True)}
        return Spent(
            len(files), spent(answers).seconds, sum(one["processor"] for one in told), answers
        )

    def clear(self) -> None:
        """Throw away all records of runs."""
        shutil.rmtree(self.root / "reports" / "runs", ignore_errors=True)

    def _start(self, command: list[str]) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [str(BIN / command[0]), *command[1:]],
            env=self.environment,
            cwd=self.root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def _papermill(self, file: Path) -> list[str]:
        notebook = yaml.safe_load(file.read_text("utf-8"))["notebook"]
        source = str(self.root / "notebooks" / f"{notebook}.ipynb")
        out = str(self._executed(file))
        options = ["--cwd", str(self.root / "notebooks"), "--no-progress-bar", "-k", "python3"]
        return ["papermill", source, out, "-f", str(file), *options]

    def _executed(self, file: Path) -> Path:
        return file.with_suffix(".ipynb")

    def _answer_of(self, file: Path) -> str:
        """Return what the notebook printed as its answer."""
        notebook = json.loads(self._executed(file).read_text("utf-8"))
        cell = next(c for c in notebook["cells"] if "finding.answer" in "".join(c["source"]))
        return "".join(cell["outputs"][0]["text"]).splitlines()[0]


@contextmanager
def spending() -> Iterator[Callable[[dict[str, str]], Spent]]:
    """Count seconds on the wall, and of the processors that processes ended within had."""
    began, before = time.perf_counter(), getrusage(RUSAGE_CHILDREN)
    ended: list[float] = []

    def spent(answers: dict[str, str]) -> Spent:
        return Spent(len(answers), ended[0], ended[1], answers)

    yield spent
    after = getrusage(RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    ended += [time.perf_counter() - began, used]


def _output(process: "subprocess.Popen[str]") -> str:
    """Wait for a process; return what it printed, or end where it failed."""
    out, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"{Path(str(process.args[0])).name}: ended with {process.returncode}")  # type: ignore[index]
    return out
