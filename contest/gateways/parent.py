"""The process that started this one, without which this one has nothing to do."""

import ctypes
import os
import signal
import threading

_SET_PDEATHSIG = 1


def end_with_it(started_by: int | None) -> None:
    """Be asked to end when the process that started this one ends, however that ends; Linux alone does so.

    Where its number is given, one that has ended already is noticed too. Raises SystemExit then. Whoever is asked before
    it has said how it ends, ends at once: what it has inherited would take the signal for the process that started it.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(_SET_PDEATHSIG, signal.SIGTERM)
    if started_by is not None and os.getppid() != started_by:
        raise SystemExit("The process that started this one has ended.")
