"""The memory of a process that serves, which is as much as it needs at once and not as much as each thread once needed."""

import ctypes
import gc

_NEW = 10_000  # objects by which more have come than gone, after which what is new is looked through
_ARENA_MAX = -8  # M_ARENA_MAX of glibc's mallopt


def keep_together() -> None:
    """Let all threads share one arena, where the C library has arenas: Python runs one of them at a time anyway.

    With an arena for each, what was freed by one is of no use to the others, and a process that has served thousands is
    some tens of megabytes larger.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(_ARENA_MAX, 1)


def keep_still() -> None:
    """Let nobody look for garbage in what is there by now and stays: it takes a tenth of a second, in which nobody is served.

    What comes is looked through more seldom then than what little of it stays would have Python do.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW)
