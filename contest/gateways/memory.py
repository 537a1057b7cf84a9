"""The memory of a process that serves, which is as much as it needs at once and not as much as each thread once needed."""

import ctypes
import gc
import os
from collections.abc import Mapping
from pathlib import Path

_NEW = 10_000  # objects by which more have come than gone, after which what is new is looked through
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # of glibc's mallopt
_LARGE = 4 << 20  # bytes; what hashing a password takes is five times as large, little else is
_SPARE = 8 << 20  # bytes at the end that are kept for what comes next
_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")
ASKED = "glibc.malloc.hugetlb=1"  # in GLIBC_TUNABLES, which the C library reads when a process begins


def keep_together() -> None:
    """Let all threads share one arena, where the C library has arenas: Python runs one of them at a time anyway.

    With an arena for each, what was freed by one is of no use to the others, and a process that has served thousands is
    some tens of megabytes larger. So it is where the 19 MB of each password come and go among what is smaller: they are
    taken from the system and given back, where it gives them in a few large pages. In thousands of small ones that would
    take half as long again as the hashing itself.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(_ARENA_MAX, 1)
        if gives_large_pages(_PAGES, os.environ):
            set_option(_MMAP_THRESHOLD, _LARGE)
            set_option(_TRIM_THRESHOLD, _SPARE)


def gives_large_pages(setting: Path, environ: Mapping[str, str]) -> bool:
    """Tell whether what is allocated at once lies in pages of 2 MB: always, or where it was asked for. Linux alone does so."""
    try:
        chosen = setting.read_text(encoding="ascii")
    except OSError:
        return False
    return "[always]" in chosen or ("[madvise]" in chosen and ASKED in environ.get("GLIBC_TUNABLES", ""))


def keep_still() -> None:
    """Let nobody look for garbage in what is there by now and stays: it takes a tenth of a second, in which nobody is served.

    What comes is looked through more seldom then than what little of it stays would have Python do.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW)
