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
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from evalkit.errors import EXIT_CODES, EnvironmentFault, Status
from evalkit.reports.server import NOTEBOOKS, copy_notebooks, read_token, scrub_environment

_SERVED = runpy.run_path(str(Path(__file__).with_name("served.py")))
_MADE = runpy.run_path(str(Path(__file__).with_name("made_bundle.py")))
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


def children(process: int) -> list[int]:
    """Return the processes that `process` started and that still live."""
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True)
    return [int(number) for number in listed.stdout.split()]


def wait_until(holds: Callable[[], bool], seconds: float = 60) -> bool:
    """Say whether something comes true within some time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.1)
    return False


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
        "api/kernels/0/channels",
        "voila/static/voila.js",
        "voila/api/shutdown/0",
        "login",
        "assets/../index.html.j2",
        "assets/page.html",
    ],
)
def test_nothing_else_is_given_out(server: Any, path: str) -> None:
    """Sources, data, listings, paths that climb and other services are refused."""
    status, body, _ = fetch(server.address + path)
    assert status in (403, 404)
    assert "row-level" not in body


def test_pages_carry_their_policy(server: Any) -> None:
    """Every page forbids foreign content, framing and scripts that are not the server's own."""
    for path in ("", "portfolio", "study"):
        status, body, headers = fetch(server.address + path)
        assert status == 200
        assert 'data-report="complete"' in body
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "style-src 'self';" in policy
        assert "connect-src 'none'" in policy
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


def test_no_kernel_can_be_reached(server: Any) -> None:
    """A page names no kernel, its socket is refused, and the kernel ends with its page."""
    body = fetch(server.address + "study?organisation=S05")[1]
    assert "kernel" not in body.casefold()
    with pytest.raises(InvalidStatus):
        connect(server.address.replace("http", "ws") + "api/kernels/0/channels").close()
    assert wait_until(lambda: len(children(server.process.pid)) == 1)  # the one kept ready


def test_address_alone_decides_what_is_shown(server: Any) -> None:
    """Each address shows its own organisation, though kernels stand ready, and always the same."""
    asked = [f"study?organisation=S{number:02d}&view=table" for number in (11, 12, 11)]
    first, second, again = (fetch(server.address + path)[1] for path in asked)
    assert "Synthetic Trust 011: Overall" in first
    assert "Synthetic Trust 012: Overall" in second
    assert "Synthetic Trust 011: Overall" not in second
    assert first == again


def test_new_release_is_shown_at_once(start: Callable[..., Any], tmp_path: Path) -> None:
    """A page that was kept is drawn anew when its study was released again or withdrawn."""
    made = _MADE["make_bundle"]()
    home = _MADE["write_bundle"](tmp_path / "released", made)
    server = start(home)
    assert "0.24 points" in fetch(server.address + "study")[1]
    made["finding"]["answer"] = "It cannot be told."
    _MADE["write_bundle"](home, made)
    assert "It cannot be told." in fetch(server.address + "study")[1]
    (home / "staff_wellbeing" / "bundle.json").unlink()
    assert fetch(server.address + "study?study=staff_wellbeing")[0] == 404


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="proc: needs Linux")
def test_kernel_knows_no_secret_and_is_small(server: Any) -> None:
    """A reader's kernel inherits no secret, and is as small as one without statistics."""
    assert wait_until(lambda: bool(children(server.process.pid)))
    for process in children(server.process.pid):
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
    addresses = [f"{server.address}study?organisation=S{number:02d}" for number in range(6)]
    with ThreadPoolExecutor(6) as readers:
        answers = list(readers.map(fetch, addresses))
    assert sorted({status for status, _, _ in answers}) == [200, 503]
    assert all("Wait a minute" in body for status, body, _ in answers if status == 503)
    assert all(headers["Retry-After"] for status, _, headers in answers if status == 503)
    assert fetch(addresses[-1])[0] == 200


def test_token_opens_the_report(start: Callable[..., Any], released: Path, tmp_path: Path) -> None:
    """Without the token there is a form alone; with it the report, at an address without it."""
    held = tmp_path / "token"
    held.write_text("0123456789abcdef0123456789abcdef\n")
    server = start(released, "--token-file", str(held))
    asked = server.address + "study?study=staff_wellbeing"
    for address in (asked, asked + "&token=wrong"):
        body = fetch(address)[1]
        assert "not open to everyone" in body
        assert "wellbeing" not in body.split("<main")[1].replace("study%3Dstaff_wellbeing", "")
    assert "0.24 points" in fetch(asked, Authorization="token " + held.read_text().strip())[1]
    jar = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with jar.open(asked + "&token=" + held.read_text().strip(), timeout=60) as answer:
        assert answer.url == asked
        assert "0.24 points" in answer.read().decode()
    assert fetch(server.address + "health")[0] == 200


@pytest.mark.parametrize("content", [None, "short", "two words of which neither is a token at all"])
def test_file_without_token_is_refused(tmp_path: Path, content: str | None) -> None:
    """A missing file, a short token and several words are refused, and the words not repeated."""
    path = tmp_path / "token"
    if content is not None:
        path.write_text(content)
    with pytest.raises(EnvironmentFault, match="token") as refused:
        read_token(path)
    assert content is None or content not in str(refused.value)


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
    for name in NOTEBOOKS:
        notebook = json.loads((_SERVED["ROOT"] / "reports" / name).read_text())
        notebook["cells"][-1]["source"] = ["raise ValueError('patient 12345')"]
        (reports / name).write_text(json.dumps(notebook))
    server = start(released, project=tmp_path / "project")
    status, body, _ = fetch(server.address + "study")
    assert status == 500
    assert "This report could not be drawn to its end" in body
    assert 'data-report="failed"' in body
    status, told, _ = fetch(server.address + "health")
    assert (status, json.loads(told)) == (503, {"status": "failed", "page": "/"})
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
    assert wait_until(lambda: bool(children(server.process.pid)))
    kernels = children(server.process.pid)
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


def test_only_the_notebooks_are_copied(tmp_path: Path) -> None:
    """Nothing beside the report's notebooks reaches the folder that is served."""
    source, private = tmp_path / "reports", tmp_path / "private"
    source.mkdir()
    private.mkdir()
    for name in (*NOTEBOOKS, "executed.ipynb", "data.csv"):
        (source / name).write_text("{}")
    root = copy_notebooks(source, private)
    assert sorted(path.name for path in root.iterdir()) == sorted(NOTEBOOKS)


def test_missing_notebooks_are_named_together(tmp_path: Path) -> None:
    """Outside the project the message names what is missing and what to do."""
    named = r"index\.ipynb and .* and study\.ipynb and .* not found"
    with pytest.raises(EnvironmentFault, match=named):
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
