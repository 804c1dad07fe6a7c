"""Say whether the report works, by drawing its pages anew."""

import time
from typing import ClassVar
from urllib.parse import urlencode

from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.web import RequestHandler

from evalkit.reports.bundle import released_studies
from evalkit.reports.drawing import COMPLETE, FRESH, PATIENCE, Pages

_SECONDS_KEPT = 60.0


class Health(RequestHandler):
    """`/health`: 200 where list and first study are drawn to their end, else 503 with the page."""

    seen: ClassVar[dict[str, tuple[float, str]]] = {}

    def initialize(self, pages: Pages) -> None:
        """Take what all pages share."""
        self.pages = pages

    async def get(self) -> None:
        """Answer from the last look, if that was less than a minute ago."""
        when, failed = self.seen.get("last", (-_SECONDS_KEPT, ""))
        if time.monotonic() - when >= _SECONDS_KEPT:
            failed = await self._find_failed()
            self.seen["last"] = (time.monotonic(), failed)
        self.set_header("Cache-Control", "no-store")
        self.set_status(503 if failed else 200)
        self.write({"status": "failed", "page": failed} if failed else {"status": "ready"})

    async def _find_failed(self) -> str:
        """Return the first page that is not drawn to its end, or nothing."""
        paths = ["/", "/portfolio"]
        for study in released_studies(self.pages.released)[:1]:
            paths.append("/study?" + urlencode({"study": study}))
        for path in paths:
            if not await self._is_drawn(path):
                return path.split("?")[0]
        return ""

    async def _is_drawn(self, path: str) -> bool:
        try:
            answer = await AsyncHTTPClient().fetch(
                f"{self.request.protocol}://{self.settings['own_address']}{path}",
                headers={FRESH: self.pages.secret, "Authorization": f"token {self._token()}"},
                request_timeout=PATIENCE,
            )
        except (HTTPClientError, OSError):
            return False
        return COMPLETE in answer.body.decode("utf-8")

    def _token(self) -> str:
        return str(self.settings["identity_provider"].token)
