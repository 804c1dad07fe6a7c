"""A run begins as soon as its kernel is ready, and imports no more than it needs."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nbclient.util import run_sync

from evalkit.runs.kernel_client import PromptClient
from evalkit.runs.worker import _kernel_manager


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Any]:
    """A manager whose kernel has been started."""
    manager = _kernel_manager(tmp_path)
    run_sync(manager.start_kernel)()
    yield manager
    run_sync(manager.shutdown_kernel)(now=True)


@pytest.fixture
def client(manager: Any) -> Iterator[PromptClient]:
    """A client of that kernel, without the thread of a heartbeat: it may outlive a short test."""
    client = manager.client()
    client.start_channels(hb=False)
    yield client
    client.stop_channels()


def test_nothing_is_left_over_once_the_kernel_is_ready(client: PromptClient) -> None:
    """The first message after readiness is about the first cell: none before it comes."""
    run_sync(client.wait_for_ready)(timeout=60)
    asked = client.execute("1 + 1")
    heard = [run_sync(client.get_iopub_msg)(timeout=30) for _ in range(4)]
    assert {message["parent_header"]["msg_id"] for message in heard} == {asked}
    assert [message["msg_type"] for message in heard][2] == "execute_result"


def test_a_lost_announcement_is_asked_for_again(
    client: PromptClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the first words of the kernel are not heard, as on a slow socket, it is asked anew."""
    asked: list[str] = []
    hear = client._is_heard

    async def hear_second(question: str) -> bool:
        asked.append(question)
        return await hear(question) and len(asked) > 1

    monkeypatch.setattr(client, "_is_heard", hear_second)
    run_sync(client.wait_for_ready)(timeout=60)
    assert len(set(asked)) == len(asked) > 1


def test_a_kernel_that_died_is_not_waited_for(manager: Any, client: PromptClient) -> None:
    """A dead kernel is told within seconds, not at the end of the time that it had to start."""
    run_sync(manager.provisioner.kill)()
    began = time.monotonic()
    with pytest.raises(RuntimeError, match="died"):
        run_sync(client.wait_for_ready)(timeout=300)
    assert time.monotonic() - began < 60


def test_a_kernel_out_of_time_is_not_waited_for(client: PromptClient) -> None:
    """No answer within the time that is given ends the wait."""
    with pytest.raises(RuntimeError, match="respond"):
        run_sync(client.wait_for_ready)(timeout=0)


LOOK = """
import json, sys
from pathlib import Path
from evalkit.runs.run import plan_run
from evalkit.record.schema import import_jsonschema
plan_run(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[1]) / "work")
validator = import_jsonschema().Draft202012Validator
assert not validator({"type": "string"}).is_valid(1)
print(json.dumps(sorted(sys.modules)))
"""


def test_a_run_is_planned_and_sealed_without_what_is_slow_to_import(
    project: Path, parameter_file: Path
) -> None:
    """Neither pandas nor the grammars that jsonschema would compile are imported on the way."""
    command = [sys.executable, "-c", LOOK, str(project), str(parameter_file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert '"pydantic"' in done.stdout
    assert not [name for name in ("pandas", "rfc3987_syntax", "lark") if f'"{name}"' in done.stdout]
