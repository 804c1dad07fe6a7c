"""Voila, cut down to two pages that read released bundles, and hardened."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tornado.httpserver
import tornado.ioloop
import tornado.netutil
from jupyter_server.services.kernels.handlers import KernelHandler
from tornado.web import HTTPError, RequestHandler
from traitlets.config import Config
from voila.app import Voila
from voila.handler import BaseVoilaHandler
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.static_file_handler import MultiStaticFileHandler, TemplateStaticFileHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from evalkit.errors import EnvironmentFault, EvalkitError
from evalkit.reports.bundle import read_bundle, released_studies
from evalkit.reports.links import read_query

PAGES = {"/": "index.ipynb", "/study": "study.ipynb"}
_KEPT = (
    KernelHandler,
    VoilaKernelWebsocketHandler,
    MultiStaticFileHandler,
    VoilaShutdownKernelHandler,
)
_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class Report(Voila):  # type: ignore[misc]
    """The report's server: two pages and their assets, one kernel a reader, nothing else."""

    announce: Callable[[str], None]

    def init_settings(self) -> dict[str, Any]:
        """Refuse foreign host names, and log requests without what was asked for."""
        settings: dict[str, Any] = super().init_settings()
        security = {"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer"}
        return settings | {
            "allow_remote_access": False,
            "headers": security,
            "log_function": _log_request,
        }

    def init_handlers(self) -> list[Any]:
        """Keep what the two pages need; listings, files and log-in are left out."""
        given = super().init_handlers()
        kept = [rule for rule in given if issubclass(rule[1], _KEPT)]
        kept += [r for r in given if "/labextensions/" in r[0] or "/themes/" in r[0]]
        kept += [(r"/voila/templates/(evalkit/static/\w+\.\w+)", TemplateStaticFileHandler)]
        options = {
            "template_paths": self.template_paths,
            "config": self.config,
            "voila_configuration": self.voila_configuration,
        }
        pages = [
            (address, TornadoVoilaHandler, options | {"notebook_path": notebook})
            for address, notebook in PAGES.items()
        ]
        missing = (r"/.*", _NothingHere, {"voila_configuration": self.voila_configuration})
        return [*kept, *pages, ("/health", _Health), missing]

    def listen(self) -> None:
        """Serve on the one port asked for, or on a free one for port 0."""
        wanted = int(self.config.Voila.port)
        try:
            sockets = tornado.netutil.bind_sockets(wanted, self.ip)
        except OSError:
            raise EnvironmentFault(
                f"Port {wanted}: in use, or not allowed. Stop what uses it, or choose another "
                "with --port (0 takes a free one)."
            ) from None
        server = tornado.httpserver.HTTPServer(self.app)
        server.add_sockets(sockets)
        self.port = sockets[0].getsockname()[1]
        self.ioloop = tornado.ioloop.IOLoop.current()
        self.ioloop.add_callback(self.announce, f"http://{self.ip}:{self.port}/")
        try:
            self.ioloop.start()
        except KeyboardInterrupt:
            self.log.info("Stopping.")
        finally:
            server.stop()
            self.stop()


class _Health(RequestHandler):
    def get(self) -> None:
        self.write({"status": "ready"})


class _NothingHere(BaseVoilaHandler):  # type: ignore[misc]
    def get(self) -> None:
        raise HTTPError(404)


def run_report(
    root: Path, released: Path, port: int, readers: int, announce: Callable[[str], None]
) -> None:
    """Serve the notebooks in `root` until interrupted."""
    Report.announce = staticmethod(announce)
    application = Report(config=_configure(root, released, port, readers))
    application.initialize([])
    logging.basicConfig(level=logging.ERROR, format="%(name)s: %(message)s", force=True)
    for handler in (*logging.getLogger().handlers, *application.log.handlers):
        handler.addFilter(_without_values)
    application.start()


def _configure(root: Path, released: Path, port: int, readers: int) -> Config:
    return Config(
        {
            "Voila": {
                "ip": "127.0.0.1",
                "port": port,
                "root_dir": str(root),
                "open_browser": False,
                "config_file_paths": [],
                "connection_dir_root": str(root.parent),
                "log_level": logging.ERROR,
            },
            "VoilaConfiguration": {
                "template": "evalkit",
                "theme": "light",
                "allow_template_override": "NO",
                "allow_theme_override": "NO",
                "strip_sources": True,
                "show_tracebacks": False,
                "file_allowlist": [],
                "file_denylist": [".*"],
                "preheat_kernel": False,
                "progressive_rendering": False,
                "attempt_fix_notebook": False,
                "http_keep_alive_timeout": 300,
                "extension_allowlist": [
                    "@jupyter-widgets/jupyterlab-manager",
                    "@voila-dashboards/widgets-manager8",
                ],
                "prelaunch_hook": _prepare(released, readers),
            },
            "KernelManager": {"transport": "ipc"},
            "MappingKernelManager": {
                "cull_interval": 30,
                "cull_idle_timeout": 600,
                "cull_connected": False,
            },
            "VoilaExecutor": {"timeout": 60, "startup_timeout": 60},
        }
    )


def _prepare(released: Path, readers: int) -> Callable[..., None]:
    """Return the hook that limits readers and puts the study's title into the page's head."""

    def prepare(request: Any, notebook: Any, cwd: str) -> None:
        if len(request.kernel_manager.list_kernel_ids()) >= readers:
            raise HTTPError(503)
        request.xsrf_token  # noqa: B018  setting the cookie lets the page end its own kernel
        if request.request.path != "/study":
            return
        asked, _ = read_query(str(request.request.query))
        names = released_studies(released)
        name = asked.get("study", names[0] if len(names) == 1 else "")
        try:
            notebook.metadata["title"] = read_bundle(released, name).title
        except EvalkitError:
            request.set_status(404)

    return prepare


def _log_request(handler: RequestHandler) -> None:
    """Log a failed request by its status and path alone: a query may name an organisation."""
    if handler.get_status() >= 500:
        logging.getLogger("evalkit.reports").error(
            "%d %s %s", handler.get_status(), handler.request.method, handler.request.path
        )


def _without_values(record: logging.LogRecord) -> bool:
    """Keep the kind of a fault and drop its message and traceback: they could carry values."""
    if record.name != "evalkit.reports" and record.levelno >= logging.ERROR:
        kind = record.exc_info[0] if record.exc_info else None
        record.msg = f"A page could not be drawn ({kind.__name__ if kind else 'no exception'})."
        record.args, record.exc_info, record.exc_text = (), None, None
    return True
