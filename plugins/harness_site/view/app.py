"""The viewer's server, addresses to pages: it answers this machine alone, and knows no file but the runs'."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from types import MappingProxyType
from typing import Any

from harness import HarnessError
from harness.report import visible
from harness_site.rendering import POLICY, static_files
from harness_site.view.answers import text_of
from harness_site.view.folders import Viewed
from harness_site.view.index import Choice
from harness_site.view.outcomes import OUTCOMES
from harness_site.view.pages import Pages

#: A page that was led here by another name's address (DNS rebinding) does not get an answer.
HOSTS = ["127.0.0.1", "localhost"]
HEADERS = {
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
#: What a file of a run folder may do: be seen, with its own styles.
CAGE = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
NONE: Mapping[str, str] = MappingProxyType({})
#: Characters of an answer that are sent at once, where a reader asks for more.
CHUNK = 100_000
KINDS = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".html": "text/html",
    ".png": "image/png",
}


def application(pages: Pages) -> Any:
    """Return the application, for any ASGI server."""
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.routing import Route

    desk = Desk(pages)
    routes = [
        Route("/", desk.answering(desk.runs)),
        Route("/static/{name}", desk.answering(desk.static)),
        Route("/board/{path:path}", desk.answering(desk.board)),
        Route("/runs/{run}/", desk.answering(desk.run)),
        Route("/runs/{run}/exhibits/{name:path}", desk.answering(desk.exhibit)),
        Route("/runs/{run}/samples", desk.answering(desk.samples)),
        Route("/runs/{run}/samples/{number:int}", desk.answering(desk.sample)),
        Route("/runs/{run}/samples/{number:int}/answers/{trial:int}", desk.answering(desk.answer)),
    ]
    guard = Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS, www_redirect=False)
    return Starlette(routes=routes, middleware=[guard], exception_handlers={404: desk.absent})


class Absent(Exception):  # named for what happened
    """Nothing is at this address."""


class Desk:
    """Answers requests; the site of all finished runs is made when it is first asked for."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self._static = static_files()
        self._board: dict[str, bytes] = {}
        self._made_of: tuple[str, ...] = ()
        self._making = Lock()

    def answering(self, make: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Return a handler that runs in a thread, since pages read files, and turns what goes wrong into a page."""

        def handler(request: Any) -> Any:
            try:
                return make(request)
            except (Absent, IndexError):
                return self.html(self.pages.wrong(404, "nothing is at this address"), 404)
            except HarnessError as error:
                return self.html(self.pages.wrong(500, str(error)), 500)

        return handler

    def html(self, content: bytes, status: int = 200) -> Any:
        """Return a page as a response."""
        return self.file(content, "text/html", status=status)

    def file(self, content: bytes, kind: str, headers: Mapping[str, str] = NONE, *, status: int = 200) -> Any:
        """Return content of a kind as a response; the headers given come over those of all."""
        from starlette.responses import Response

        return Response(content, status, {**HEADERS, **headers}, media_type=kind)

    def absent(self, _request: Any, _error: Exception) -> Any:
        """Return the answer to an address that no route has."""
        return self.html(self.pages.wrong(404, "nothing is at this address"), 404)

    def runs(self, _request: Any) -> Any:
        """Answer with the list of runs."""
        return self.html(self.pages.runs())

    def static(self, request: Any) -> Any:
        """Answer with a file that all pages share."""
        return self._named(self._static, f"static/{request.path_params['name']}")

    def board(self, request: Any) -> Any:
        """Answer with a page of the static site of all finished runs."""
        return self._named(self._site(), request.path_params["path"])

    def run(self, request: Any) -> Any:
        """Answer with the page of a run."""
        return self.html(self.pages.run(self._run(request)))

    def exhibit(self, request: Any) -> Any:
        """Answer with a picture or page that lies in a run folder; it may have come from anywhere, so it is caged."""
        path = self._run(request).exhibits.get(request.path_params["name"])
        if path is None:
            raise Absent
        try:
            content = path.read_bytes()
        except OSError as error:
            raise HarnessError(f"{path}: {error}") from error
        return self.file(content, kind_of(path.name), {"Content-Security-Policy": CAGE})

    def samples(self, request: Any) -> Any:
        """Answer with a page of the list of samples, or with the sample whose document is named."""
        from starlette.responses import RedirectResponse

        one = self._run(request)
        doc = request.query_params.get("doc", "").strip()
        if doc:
            one.index.read_on(float("inf"))
            number = one.index.number_of(doc)
            if number is None:
                raise HarnessError(f"no document {doc!r} in this run")
            return RedirectResponse(f"samples/{number}", 303, HEADERS)
        return self.html(self.pages.samples(one, choice_of(request), number_of(request, "page", 1)))

    def sample(self, request: Any) -> Any:
        """Answer with one sample."""
        rendered = request.query_params.get("as") == "markdown"
        one = self._run(request)
        one.index.read_on(0.0)
        number = request.path_params["number"]
        return self.html(self.pages.sample(one, number, choice_of(request), rendered=rendered))

    def answer(self, request: Any) -> Any:
        """Answer with a part of an answer as text that can be seen, or with all of it as a download."""
        record = self._run(request).index.record(request.path_params["number"])
        text = text_of(record.trials[request.path_params["trial"]])
        if "whole" in request.query_params:
            name = f"answer-{request.path_params['number']}-{request.path_params['trial']}.txt"
            told = {"Content-Disposition": f'attachment; filename="{name}"'}
            return self.file(text.encode("utf-8", "replace"), "text/plain", told)
        begin = number_of(request, "from", 0)
        part = text[begin : begin + CHUNK]
        left = max(0, len(text) - begin - len(part))
        told = {"X-Characters-Sent": str(len(part)), "X-Characters-Left": str(left)}
        return self.file(visible(part).encode("utf-8", "replace"), "text/plain", told)

    def _run(self, request: Any) -> Viewed:
        found = self.pages.folders.look().get(request.path_params["run"])
        if found is None:
            raise Absent
        return found

    def _named(self, files: dict[str, bytes], name: str) -> Any:
        if name not in files:
            raise Absent
        return self.file(files[name], kind_of(name))

    def _site(self) -> dict[str, bytes]:
        """Return the files of the static site, made anew where other runs have ended."""
        from harness_site.board.submission import read_submissions
        from harness_site.site import files_of, site_of

        folders = [one.folder for one in self.pages.folders.look().values() if one.finished]
        names = tuple(map(str, folders))
        with self._making:
            if not self._board or names != self._made_of:
                submissions = read_submissions(folders, self.pages.registry, {}, checked=False)
                site = site_of(submissions, self.pages.registry.evaluations, (("Runs", "../"),))
                if not site.lines and not site.ordinal:
                    raise HarnessError(
                        "there is nothing to rank yet: no run of sustainscore or ordinal labels has ended"
                    )
                self._board, self._made_of = dict(files_of(site)), names
        return self._board


def kind_of(name: str) -> str:
    """Return the kind of a file."""
    return next((kind for end, kind in KINDS.items() if name.endswith(end)), "text/plain")


def number_of(request: Any, name: str, otherwise: int) -> int:
    """Return a number that an address gives, if it is one."""
    try:
        return max(0, int(request.query_params.get(name, otherwise)))
    except ValueError:
        return otherwise


def choice_of(request: Any) -> Choice:
    """Return which samples a request is about."""
    outcome = request.query_params.get("outcome", "")
    return Choice(outcome=outcome if outcome in OUTCOMES else "", task=request.query_params.get("task", ""))
