"""The server gives out two pages and their assets, runs nothing for a reader, and stops clean."""

import json
import os
import re
import runpy
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect

from evalkit.errors import EXIT_CODES, EnvironmentFault, Status
from evalkit.reports.server import copy_notebooks, scrub_environment

_SERVED = runpy.run_path(str(Path(__file__).with_name("served.py")))
_MADE = runpy.run_path(str(Path(__file__).with_name("made_bundle.py")))
QUIET_SECONDS = 3  # an answer to an allowed message takes some milliseconds
KERNEL_MEGABYTES = 90  # measured: 65; pandas alone would add 35


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one study, and beside it files that are nobody's business."""
    folder: Path = tmp_path_factory.mktemp("served") / "released"
    _MADE["write_bundle"](folder, _MADE["make_bundle"]())
    for name in ("rows.parquet", "table.csv", "picture.png", ".env"):
        (folder / "staff_wellbeing" / name).write_text("row-level")
    return folder


@pytest.fixture(scope="module")
def server(released: Path) -> Generator[Any, None, None]:
    """Return one running report for this file."""
    running = _SERVED["start_server"](released, released.parent / "log")
    yield running
    _SERVED["stop_server"](running)


@pytest.fixture
def start(tmp_path: Path) -> Generator[Callable[..., Any], None, None]:
    """Return a function that starts another report; it is stopped in the end."""
    running: list[Any] = []

    def begin(folder: Path, *extra: str, project: Path = _SERVED["ROOT"]) -> Any:
        log = tmp_path / "log"
        running.append(_SERVED["start_server"](folder, log, *extra, project=project))
        return running[-1]

    yield begin
    for started in running:
        if started.process.poll() is None:
            _SERVED["stop_server"](started)


def fetch(address: str, **headers: str) -> tuple[int, str, Any]:
    """Return status, body and headers, also of a refusal."""
    request = urllib.request.Request(address, headers=headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read().decode(errors="replace"), refusal.headers


def kernel_of(body: str) -> str:
    """Return the id of the kernel that drew a page."""
    found = re.search(r'"kernelId": "([^"]+)"', body)
    assert found
    return found.group(1)


def children(process: int) -> list[int]:
    """Return the processes that `process` started and that still live."""
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True)
    return [int(number) for number in listed.stdout.split()]


def message(kind: str, content: dict[str, Any]) -> str:
    """Return a message of the Jupyter protocol as a browser would send it."""
    header = {"msg_id": uuid.uuid4().hex, "username": "", "session": uuid.uuid4().hex}
    header |= {"msg_type": kind, "version": "5.3"}
    parts = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
    return json.dumps(parts | {"channel": "shell", "buffers": []})


def replies(socket: Any, kind: str) -> list[str]:
    """Return the types of the messages of this kind that arrive within the quiet time."""
    seen: list[str] = []
    until = time.monotonic() + QUIET_SECONDS
    while (left := until - time.monotonic()) > 0:
        try:
            seen.append(json.loads(socket.recv(timeout=left))["header"]["msg_type"])
        except TimeoutError:
            break
    return [name for name in seen if name == kind]


@pytest.mark.parametrize(
    "path",
    [
        "voila/render/study.ipynb",
        "voila/files/study.ipynb",
        "study.ipynb",
        "voila/tree",
        "voila/api/contents/",
        "api/contents/",
        "voila/files/staff_wellbeing/bundle.json",
        "voila/files/../released/staff_wellbeing/table.csv",
        "released/staff_wellbeing/rows.parquet",
        "voila/static/..%2f..%2f..%2fpyproject.toml",
        "voila/static/../../../../../../../../etc/passwd",
        "voila/templates/evalkit/static/..%2fconf.json",
        "voila/templates/evalkit/static/../index.html.j2",
        "voila/templates/../../server.py",
        "voila/labextensions/..%2f..%2fetc",
        "study/../.env",
        "%2e%2e/%2e%2e/etc/passwd",
        "api/kernels",
        "api/terminals",
        "login",
    ],
)
def test_nothing_else_is_given_out(server: Any, path: str) -> None:
    """Sources, data, listings, paths that climb and other services are refused."""
    status, body, _ = fetch(server.address + path)
    assert status in (403, 404)
    assert "row-level" not in body


def test_pages_carry_their_policy(server: Any) -> None:
    """Both pages forbid foreign content, framing and scripts that are not the server's own."""
    for path in ("", "study"):
        status, body, headers = fetch(server.address + path)
        assert status == 200
        assert 'data-report="complete"' in body
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert not re.findall(r'(?:src|href)="(?:https?:)?//', body)


def test_foreign_host_names_are_refused(server: Any) -> None:
    """A request under another host's name is refused: a foreign page cannot point here."""
    assert fetch(server.address, Host="evil.example")[0] == 403


def test_template_and_theme_cannot_be_chosen(server: Any) -> None:
    """An address cannot put another template in the place of ours."""
    body = fetch(server.address + "study?template=reveal&theme=dark")[1]
    assert "report.css" in body
    assert "reveal" not in body


def test_kernel_runs_nothing_for_a_reader(server: Any, tmp_path: Path) -> None:
    """Execute, complete, inspect and history requests get no answer and have no effect."""
    kernel = kernel_of(fetch(server.address + "study")[1])
    place = server.address.replace("http", "ws") + f"api/kernels/{kernel}/channels"
    mark = tmp_path / "mark"
    code = {"code": f"open({str(mark)!r}, 'w').close()", "silent": False}
    asked = {
        "execute": code,
        "complete": {"code": "op", "cursor_pos": 2},
        "inspect": {"code": "open", "cursor_pos": 4, "detail_level": 0},
        "history": {"hist_access_type": "tail", "n": 9, "raw": True, "output": False},
    }
    with connect(place) as held:
        held.send(message("kernel_info_request", {}))
        assert replies(held, "kernel_info_reply")
    for kind, content in asked.items():
        with connect(place) as held:
            held.send(message(f"{kind}_request", content))
            assert replies(held, f"{kind}_reply") == []
    assert not mark.exists()


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="proc: needs Linux")
def test_kernel_knows_no_secret_and_is_small(server: Any) -> None:
    """A reader's kernel inherits no secret, and is as small as one without statistics."""
    fetch(server.address + "study")
    kernels = children(server.process.pid)
    assert kernels
    for process in kernels:
        environment = Path(f"/proc/{process}/environ").read_bytes().decode()
        assert _SERVED["PRIVATE_VALUE"] not in environment
        assert "EVALKIT_RELEASED=" in environment
        held = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
        assert held
        assert int(held.group(1)) / 1024 < KERNEL_MEGABYTES


def test_unknown_study_is_a_page_that_was_not_found(server: Any) -> None:
    """An unknown study answers 404 and says so in words."""
    status, body, _ = fetch(server.address + "study?study=no_such")
    assert status == 404
    assert "no released study has this name" in body


def test_too_many_readers_are_asked_to_wait(start: Callable[..., Any], released: Path) -> None:
    """Beyond its number of readers the server starts no kernel, and says so with 503."""
    server = start(released, "--readers", "1")
    assert fetch(server.address)[0] == 200
    status, body, _ = fetch(server.address)
    assert status == 503
    assert "Wait a minute" in body


def test_nothing_released_is_a_page_too(start: Callable[..., Any], tmp_path: Path) -> None:
    """With nothing released both pages say so in words."""
    server = start(tmp_path / "released")
    for path in ("", "study"):
        assert "Nothing has been released yet" in fetch(server.address + path)[1]


def test_broken_page_is_told_and_the_log_holds_no_value(
    start: Callable[..., Any], tmp_path: Path
) -> None:
    """A page that cannot be drawn says so; neither page nor log shows a value or a traceback."""
    made = _MADE["make_bundle"]()
    made["tables"]["organisations"]["columns"][3]["name"] = "patient 12345"
    made["departures"] = ["patient 12345"]
    server = start(_MADE["write_bundle"](tmp_path / "released", made))
    body = fetch(server.address + "study?organisation=patient+12345")[1]
    assert "could not be drawn" in body
    for text in (body, server.log.read_text()):
        assert "12345" not in text
        assert "Traceback" not in text


def test_notebook_that_fails_is_told_and_leaves_no_value(
    start: Callable[..., Any], released: Path, tmp_path: Path
) -> None:
    """A notebook that stops half way leaves words on the page, and no value there or in the log."""
    reports = tmp_path / "project" / "reports"
    reports.mkdir(parents=True)
    for name in ("index.ipynb", "study.ipynb"):
        notebook = json.loads((_SERVED["ROOT"] / "reports" / name).read_text())
        notebook["cells"][-1]["source"] = ["raise ValueError('patient 12345')"]
        (reports / name).write_text(json.dumps(notebook))
    server = start(released, project=tmp_path / "project")
    body = fetch(server.address + "study")[1]
    assert "This report could not be drawn to its end" in body
    assert 'data-report="failed"' in body
    log = server.log.read_text()
    assert "could not be drawn (CellExecutionError)" in log
    for text in (body, log):
        assert "12345" not in text
        assert "Traceback" not in text


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_stopping_leaves_nothing_behind(
    start: Callable[..., Any], released: Path, sent: signal.Signals
) -> None:
    """SIGTERM and Ctrl-C end the server with 0, with all its kernels and its private folder."""
    server = start(released)
    fetch(server.address)
    kernels = children(server.process.pid)
    assert kernels
    held = Path(f"/proc/{server.process.pid}/cwd").resolve()
    server.process.send_signal(sent)
    assert server.process.wait(timeout=30) == 0
    assert server.process.stdout is not None
    server.process.stdout.close()
    assert not [process for process in kernels if Path(f"/proc/{process}").exists()]
    assert not held.exists()


def test_taken_port_is_told(released: Path) -> None:
    """A port in use gives one message and the exit code for the environment."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code = "from pathlib import Path; from evalkit.cli.report import serve; import sys\n"
        code += "from evalkit.errors import EvalkitError\n"
        code += f"try: serve({port}, Path({str(released)!r}), 5)\n"
        code += "except EvalkitError as fault: print(fault); sys.exit(fault.exit_code)\n"
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            env={**os.environ, "EVALKIT_PROJECT": str(_SERVED["ROOT"])},
        )
    assert done.returncode == EXIT_CODES[Status.ENVIRONMENT]
    assert done.stdout.startswith(f"Port {port}: in use")


def test_only_the_two_notebooks_are_copied(tmp_path: Path) -> None:
    """Nothing beside the two notebooks reaches the folder that is served."""
    source, private = tmp_path / "reports", tmp_path / "private"
    source.mkdir()
    private.mkdir()
    for name in ("index.ipynb", "study.ipynb", "executed.ipynb", "data.csv"):
        (source / name).write_text("{}")
    root = copy_notebooks(source, private)
    assert sorted(path.name for path in root.iterdir()) == ["index.ipynb", "study.ipynb"]


def test_missing_notebooks_are_named_together(tmp_path: Path) -> None:
    """Outside the project the message names what is missing and what to do."""
    with pytest.raises(EnvironmentFault, match=r"index\.ipynb and study\.ipynb not found"):
        copy_notebooks(tmp_path, tmp_path)


def test_environment_is_an_allow_list(tmp_path: Path) -> None:
    """Of the server's environment only harmless variables are kept."""
    given = {"PATH": "/bin", "PYTHONPATH": "/x", "HOME": "/home/me", "AWS_SECRET": "s", "TZ": "UTC"}
    kept = scrub_environment(given, tmp_path, tmp_path / "released")
    assert kept["PATH"] == "/bin"
    assert kept["TZ"] == "UTC"
    assert kept["HOME"].startswith(str(tmp_path))
    assert "AWS_SECRET" not in kept
    assert "PYTHONPATH" not in kept
