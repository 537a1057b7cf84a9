"""Serve the floor by the server of the product, set as the product sets it: `python -m bench.serving PORT WORKERS`."""

import sys

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from contest.config import ROOT


def main() -> None:
    port, workers = map(int, sys.argv[1:])
    Granian(
        "bench.floor:app",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=1,
        respawn_failed_workers=True,
        backlog=2048,
        log_level=LogLevels.warning,
        working_dir=ROOT,
    ).serve()


if __name__ == "__main__":
    main()
