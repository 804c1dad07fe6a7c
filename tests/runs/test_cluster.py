"""Runs on a real Dask scheduler and workers, in processes of their own that share no folder."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from evalkit.cli.main import app
from evalkit.errors import EnvironmentFault, Status
from evalkit.runs.listing import changed_files, list_runs
from evalkit.sweeps import cluster as on_cluster
from evalkit.sweeps.files import read_sweep, write_parameters
from evalkit.sweeps.schedule import Order
from tests.runs.made_cluster import Machines, makes_a_run, start_machines

STUDY = "staff_wellbeing"
Write = Callable[..., Path]


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    """A scheduler and two workers; whichever still runs is ended."""
    pytest.importorskip("distributed", reason="cluster: install evalkit[cluster] to run this test")
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    with start_machines(folder) as made:
        yield made


def test_no_run_is_lost_or_made_twice_though_a_worker_dies(
    machines: Machines, project: Path, notebook: Write
) -> None:
    """A worker killed in its run: every record is there once, as sealed; faults keep their kind."""
    notebook("import time\ntime.sleep(1)\nif seed == 3:\n    raise ValueError('not to be told')")
    sweep = project / "parameters" / "steps.yml"
    values = {"sweep": "steps", "base": f"{STUDY}.yml", "grid": {"seed": [1, 2, 3, 4]}}
    sweep.write_text(yaml.safe_dump(values))
    paths = [write_parameters(run, project / "made") for run in read_sweep(sweep)[1]]

    def kill_one(now: object) -> None:
        if machines.workers[0].poll() is None and makes_a_run(machines.workers[0].pid):
            machines.workers[0].send_signal(signal.SIGKILL)

    ended = on_cluster.run_on_cluster(paths, Order(), machines.address, pulse=kill_one)
    assert machines.workers[0].poll() == -signal.SIGKILL
    assert len(ended) == len(paths)
    status = {one.parameters.stem: one.status for one in ended}
    assert status.pop("steps_3") == Status.ANALYSIS_ERROR
    assert set(status.values()) == {Status.OK}, [one.message for one in ended]
    assert not any("not to be told" in one.message for one in ended)
    runs = list_runs(project)
    assert sorted(run.study for run in runs) == ["steps_1", "steps_2", "steps_4"]
    assert not any(changed_files(run) for run in runs)
    again = on_cluster.run_on_cluster(paths[:2], Order(), machines.address)
    assert [one.skipped for one in again] == [True, True]


def test_where_nobody_answers_it_is_told(project: Path, parameter_file: Path) -> None:
    """Without Dask, or at an address where nothing is, there is one message, and code 6."""
    found = CliRunner().invoke(app, ["run", "--cluster", "tcp://127.0.0.1:9", str(parameter_file)])
    assert isinstance(found.exception, EnvironmentFault)
    assert "--cluster" in str(found.exception)
