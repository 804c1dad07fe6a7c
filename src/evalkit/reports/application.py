"""Voila, cut down to five pages that read released bundles, and hardened."""

import asyncio
import logging
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tornado.httpserver
import tornado.ioloop
import tornado.netutil
from tornado.web import RequestHandler, StaticFileHandler
from traitlets.config import Config
from voila.app import Voila
from voila.handler import BaseVoilaHandler
from voila.voila_identity_provider import VoilaLoginHandler

from evalkit.errors import EnvironmentFault
from evalkit.reports.drawing import NothingHere, Page, Pages, prepare_title
from evalkit.reports.health import Health
from evalkit.reports.kernels import START_SECONDS, Ready

PAGES = {
    "/": "index.ipynb",
    "/portfolio": "portfolio.ipynb",
    "/study": "study.ipynb",
    "/organisation": "organisation.ipynb",
    "/sweep": "sweep.ipynb",
}
_STATIC = Path(__file__).parent / "template/voila/templates/evalkit/static"
_LEAST_KERNELS = 2
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class Report(Voila):  # type: ignore[misc]
    """The report's server: five pages, styles and scripts; a kernel a page, nothing else."""

    announce: Callable[[str], None]
    pages: Pages

    def init_settings(self) -> dict[str, Any]:
        """Refuse foreign host names, and log requests without what was asked for."""
        settings: dict[str, Any] = super().init_settings()
        security = {
            "Content-Security-Policy": _POLICY,
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }
        return settings | {
            "allow_remote_access": False,
            "compress_response": True,
            "headers": security,
            "log_function": _log_request,
        }

    def init_handlers(self) -> list[Any]:
        """Serve the pages and their two assets; none of Voila's own addresses is kept."""
        shared = {"voila_configuration": self.voila_configuration}
        options = shared | {
            "template_paths": self.template_paths,
            "config": self.config,
            "pages": self.pages,
        }
        pages = [
            (address, Page, options | {"notebook_path": notebook})
            for address, notebook in PAGES.items()
        ]
        rules = [
            *pages,
            (r"/assets/(report\.css|report\.js|gallery\.js)", _Asset, {"path": str(_STATIC)}),
            ("/health", Health, {"pages": self.pages}),
        ]
        if self.token:
            rules.append(("/login", _Login, shared))
        return [*rules, (r"/.*", NothingHere, shared)]

    async def _settle(self) -> None:
        """Wait for kernels that are on their way in or out, so that all can be ended."""
        await self.app.settings["ready_kernel"].close()
        if self.pages.ending:
            await asyncio.wait(self.pages.ending, timeout=START_SECONDS)

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
        self.app.settings["own_address"] = f"{self.ip}:{self.port}"
        ready = self.app.settings["ready_kernel"] = Ready(self.app.settings["kernel_manager"])
        self.ioloop = tornado.ioloop.IOLoop.current()
        self.ioloop.add_callback(ready.open)
        self.ioloop.add_callback(self.announce, f"http://{self.ip}:{self.port}/")
        try:
            self.ioloop.start()
        except KeyboardInterrupt:
            self.log.info("Stopping.")
        finally:
            server.stop()
            self.ioloop.run_sync(self._settle)
            self.stop()


class _Asset(StaticFileHandler):
    """The style sheet and the script."""

    def set_extra_headers(self, path: str) -> None:
        """Let a browser keep them for an hour; they change only with a new version."""
        self.set_header("Cache-Control", "public, max-age=3600")


class _Login(BaseVoilaHandler, VoilaLoginHandler):  # type: ignore[misc]
    """Where a reader without a token gives it."""


def run_report(
    root: Path,
    released: Path,
    port: int,
    readers: int,
    announce: Callable[[str], None],
    token: str = "",
    client: type | None = None,
) -> None:
    """Serve the notebooks in `root` until interrupted; with a token, to those who have it."""
    kernels = min(readers, max(_LEAST_KERNELS, os.cpu_count() or 1))
    Report.announce = staticmethod(announce)
    Report.pages = Pages(released, kernels, readers, secrets.token_urlsafe())
    application = Report(config=_configure(root, released, port, token))
    if client is not None:
        application.config.KernelManager.client_factory = client
    application.initialize([])
    logging.basicConfig(level=logging.ERROR, format="%(name)s: %(message)s", force=True)
    for handler in (*logging.getLogger().handlers, *application.log.handlers):
        handler.addFilter(_without_values)
    application.start()


def _configure(root: Path, released: Path, port: int, token: str) -> Config:
    return Config(
        {
            "Voila": {
                "ip": "127.0.0.1",
                "port": port,
                "token": token,
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
                "extension_allowlist": [],
                "prelaunch_hook": prepare_title(released),
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
