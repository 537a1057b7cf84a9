"""The headers that every answer carries, put behind the application once."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "manifest-src 'self'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
# Of a static file, which anybody may keep for ever. A paper reads some forty, so that each word here is weighed forty times.
_OF_FILES = {"Content-Security-Policy": "default-src 'none'"} | {
    name: _HEADERS[name] for name in ("X-Content-Type-Options", "Cross-Origin-Resource-Policy")
}


class Headed:
    """A WSGI application whose every answer carries the headers of the house, but for those that it says otherwise itself."""

    def __init__(self, inner: "WSGIApplication", *, is_https: bool) -> None:
        more = {"Strict-Transport-Security": "max-age=31536000"} if is_https else {}
        self._inner, self._of_pages, self._of_files = inner, list((_HEADERS | more).items()), list(_OF_FILES.items())

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        def begin(status: str, headers: list[tuple[str, str]], *failed: Any) -> Any:
            said = {name.lower(): value for name, value in headers}
            own = self._of_files if said.get("cache-control", "").endswith("public, immutable") else self._of_pages
            headers += [(name, value) for name, value in own if name.lower() not in said]
            return start_response(status, headers, *failed)

        return self._inner(environ, begin)
