"""How much is measured: in full, or in a short form that only shows that everything works."""

from dataclasses import dataclass

SECTIONS = ("journey", "save", "closed", "storm", "steady", "queue", "mass", "standings", "exchange")


@dataclass(frozen=True, slots=True)
class Storm:
    """Arrivals at a rate a second, of whom a share has to sign in with a password first; all others have done so before.

    Where they `wait`, those others have the page before the start open already: they only press the button.
    """

    name: str
    label: str
    rate: float
    seconds: float
    passwords: float
    wait: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes of all sections; `rounds` are the runs of each side, `tries` how often a disturbed one is made at most."""

    rounds: int
    tries: int
    results: int  # in the round before anybody comes
    warm_up: int  # people before the measured ones: what a process does once in its life is not theirs
    people: int  # of a phased journey
    save_seconds: float
    journeys: int  # back to back
    storms: tuple[Storm, ...]
    savers: int  # who save all through a storm
    save_rate: float  # of all of them, a second
    calm_seconds: float
    takers: int  # who save for long, each now and then
    take_rate: float  # of all of them, a second
    take_seconds: float
    submissions: int  # handed in at once
    submission_seconds: float
    boards: tuple[int, ...]  # numbers of results
    board_seconds: float
    board_submissions: float  # a second, while boards are read
    board_looks: float  # a second at each board, while people hand in
    members: tuple[int, ...]  # in files that are imported
    questions: tuple[int, ...]
    exports: tuple[int, ...]  # numbers of results

    @property
    def parts(self) -> set[str]:
        """Return what can be measured alone: sections, and the parts of those that have some."""
        storms, sizes = (f"storm.{weather.name}" for weather in self.storms), (f"standings.{n}" for n in self.boards)
        return {*SECTIONS, *storms, *sizes}

    @property
    def spare(self) -> int:
        """Return how many times the people of one run are needed at most."""
        return self.rounds * self.tries


AT_ONCE = 8
QUEUES_FOR = 120.0  # seconds after the last has come until those who still queue are counted, and let go
PACE = 3600  # starts a minute in storms: about what docs/operators.md gives for one core, as the other makes the load
BOARD_READERS, BOARD_AT_ONCE = 8, 4

FULL = Plan(
    rounds=3,
    tries=4,
    results=1_300,
    warm_up=120,
    people=200,
    save_seconds=10,
    journeys=200,
    storms=(
        Storm("signed-in", "50 a second, signed in before", 50, 60, passwords=0),
        Storm("passwords", "20 a second, each with a password", 20, 30, passwords=1),
        Storm("opening", "200 a second for a minute, every tenth with a password", 200, 60, passwords=0.1, wait=True),
    ),
    savers=120,
    save_rate=40,
    calm_seconds=20,
    takers=1_000,
    take_rate=200,
    take_seconds=600,
    submissions=1000,
    submission_seconds=10,
    boards=(1_000, 10_000, 100_000, 1_000_000),
    board_seconds=8,
    board_submissions=100,
    board_looks=10,
    members=(1_000, 10_000, 100_000),
    questions=(500, 5_000),
    exports=(10_000, 100_000, 1_000_000),
)
SHORT = Plan(
    rounds=1,
    tries=1,
    results=100,
    warm_up=4,
    people=20,
    save_seconds=1.5,
    journeys=30,
    storms=(Storm("passwords", "20 a second, each with a password", 20, 10, passwords=1),),
    savers=20,
    save_rate=20,
    calm_seconds=4,
    takers=40,
    take_rate=40,
    take_seconds=3,
    submissions=100,
    submission_seconds=3,
    boards=(1_000, 10_000),
    board_seconds=2,
    board_submissions=10,
    board_looks=5,
    members=(1_000,),
    questions=(500,),
    exports=(1_000, 10_000),
)
