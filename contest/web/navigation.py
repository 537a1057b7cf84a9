"""Where to go next: only paths of our own, parsed and rebuilt."""

from urllib.parse import urlsplit, urlunsplit


def safe_next(target: str | None, default: str = "/") -> str:
    """Return a path of this site, or the default for anything that could lead elsewhere."""
    if not target or any(ord(c) < 33 or c == "\\" for c in target):
        return default
    try:
        parts = urlsplit(target)
    except ValueError:
        return default
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or parts.path.startswith("//"):
        return default
    return urlunsplit(("", "", parts.path, parts.query, ""))
