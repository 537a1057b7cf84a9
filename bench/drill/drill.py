"""One drill: people take papers, acts are done one after the other, and in the end everything is counted and restored."""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.drill import acts
from bench.drill.installation import Installation
from bench.drill.noticed import Noticed, noticed
from bench.faults import campaign, checker
from bench.faults.journal import Journal


@dataclass
class Outcome:
    """What people noticed of each act, what was counted in the end, and what the restored copy is."""

    rows: list[Noticed] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    first: list[str] = field(default_factory=list)
    looked_at: dict[str, int] = field(default_factory=dict)
    restored: str = ""

    @property
    def is_clean(self) -> bool:
        return not any(self.counts.values()) and not any(row.other for row in self.rows)


def play(
    wanted: Sequence[acts.Act], *, takers: int, patience: float, restores: bool = True, keep: Path | None = None
) -> Outcome:
    """Carry out acts on an installation of its own; `patience` is for how many seconds something stays away.

    With `restores` what is left is backed up in the end, and restored to a cluster of its own.
    """
    outcome = Outcome()
    with tempfile.TemporaryDirectory(prefix="hoi-thi-drill-") as name:
        folder, left = Path(name), Path(name) / "left"
        left.mkdir()
        site = Installation(folder)
        site.patience = patience
        plan = campaign.Plan("postgresql", faults=0, saves=0, takers=takers, minutes=2)
        try:
            site.set_up()
            code = site.run("bench.faults.stage", "prepare", str(takers), str(plan.minutes))
            site.round = code
            site.open()
            _act(site, plan, code, left, wanted, outcome)
            campaign.finish(site, plan, left)
            if restores:
                acts.back_up(site)
                outcome.restored = acts.restore_to_an_empty_cluster(site)
        finally:
            site.close()
            if keep is not None:
                campaign.copy(folder, keep)
        outcome.counts, outcome.first, outcome.looked_at = checker.check(left)
    return outcome


def _act(
    site: Installation, plan: campaign.Plan, code: str, left: Path, wanted: Sequence[acts.Act], outcome: Outcome
) -> None:
    log, times = Journal(left / "faults.jsonl"), []
    with campaign.takers(site, plan, code, left, left / "stop"):
        time.sleep(3 + plan.takers / 6)  # everybody signs in
        for act in wanted:
            called = act.__name__.replace("_", " ")
            log.note(do="fault", name=called)
            begun = time.time()
            found = act(site)
            log.note(do="fault over", name=called)
            time.sleep(3)  # what it leaves behind is its own
            times.append((called, begun, time.time(), found))
    outcome.rows = [noticed(left, *told) for told in times]
