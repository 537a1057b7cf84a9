"""Fill a database with a crowd whose round is still open: `python -m bench.compare.filling RESULTS PEOPLE`."""

import sys
from datetime import timedelta

from bench import crowd
from bench.participants import PASSWORD
from contest import clock, config, create_app
from contest.rules.permissions import SYSTEM
from contest.services import seals
from contest.services.results import settlement

PERSONS = 0.7  # of so many results are so many people's: some sat twice
STAYS_OPEN = timedelta(days=1)
AT_ONCE = 20_000


def fill(results: int, newcomers: int) -> None:
    """Let a crowd have sat within the last week, show its board, and enter people who have not sat."""
    opens_at = clock.now().replace(microsecond=0) - crowd.LENGTH
    crowd.load(results, max(1, int(results * PERSONS)), opens_at, stays_open=STAYS_OPEN)
    crowd.newcomers(newcomers, PASSWORD)
    crowd.count_on()
    settlement.compute_all(crowd.SLUG, 1, by=SYSTEM)
    while seals.seal(clock.now(), batch=AT_ONCE):  # as the worker has done while they handed in
        pass
    crowd.analyse()


if __name__ == "__main__":
    with create_app(config.load()).app_context():
        fill(*map(int, sys.argv[1:]))
