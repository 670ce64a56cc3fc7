"""textual-serve's server, for this machine alone: only its own page may open a screen, and the page needs nothing from elsewhere."""

from __future__ import annotations

import logging
import re

from aiohttp import web
from aiohttp.typedefs import Handler
from textual_serve import server as textual_serve_server
from textual_serve.app_service import AppService
from textual_serve.server import Server

_LINK = re.compile(r"""<link\b[^>]*\bhref=["'](?P<address>[^"']*)["'][^>]*>""")


class _LocalApp(AppService):
    """The program behind one page, which ends with it: asked to first, and by a signal where the server has no time to wait."""

    async def stop(self) -> None:
        try:
            await super().stop()
        finally:
            if self._process is not None and self._process.returncode is None:
                self._process.terminate()
                await self._process.wait()


# The server makes one for each page, and takes no other class.
vars(textual_serve_server)["AppService"] = _LocalApp


class LocalServer(Server):
    """Whoever opens a screen has this program's keys: so a page of another origin is refused, and so is another name for this host."""

    def initialize_logging(self) -> None:
        """Say what goes wrong, and nothing else."""
        logging.basicConfig(level=logging.WARNING)

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing: the command has."""

    @property
    def names(self) -> frozenset[str]:
        """Under which names the page is asked for."""
        return frozenset({f"{self.host}:{self.port}", f"localhost:{self.port}"})

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()

        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._guard(request, handler)

        app.middlewares.append(guarded)
        return app

    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not self.is_own(request.headers.get("Host", ""), request.headers.get("Origin")):
            raise web.HTTPForbidden(text="this page is served to its own machine, and to its own origin alone")
        response = await handler(request)
        if isinstance(response, web.Response) and response.content_type == "text/html" and response.text:
            response.text = _LINK.sub(self._own_link, response.text)
        return response

    def _own_link(self, link: re.Match[str]) -> str:
        """Keep what is taken from here, and drop what is taken from elsewhere: a font, of which the browser has one like it."""
        is_elsewhere = link["address"].startswith(("http:", "https:", "//"))
        return "" if is_elsewhere and not link["address"].startswith(f"{self.public_url}/") else link[0]

    def is_own(self, host: str, origin: str | None) -> bool:
        """Whether a request names this server, and comes from its own page or from no page at all."""
        return host in self.names and origin in {None, *(f"http://{name}" for name in self.names)}
