"""Where a page of a board continues, as its link says it."""


def read_cursor(cursor: str) -> tuple[bytes, int] | None:
    """Return the key and the id behind which a page continues; None for what no page has given out."""
    key, _, row_id = cursor.partition(".")
    if not (row_id.isascii() and row_id.isdigit() and len(row_id) < 10):
        return None
    try:
        return bytes.fromhex(key), int(row_id)
    except ValueError:
        return None
