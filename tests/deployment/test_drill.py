"""A short drill and a short siege, each on an installation of its own; the long forms are `python -m bench.drill [--siege]`."""

from pathlib import Path

import pytest

from bench.drill import acts, drill, siege
from bench.drill.noticed import AWAY, noticed
from bench.faults.checker import COUNTS
from bench.faults.journal import Journal

SHORT = (
    acts.restart_the_nodes_one_after_the_other,
    acts.expand_the_tables_and_contract_them,
    acts.freeze_redis,
    acts.lose_the_read_replica_and_bring_it_back,
    acts.back_up,
    acts.lose_the_primary_and_promote_the_replica,
)


@pytest.mark.slow
@pytest.mark.postgres
def test_people_go_on_while_operators_work_and_things_fail(tmp_path: Path) -> None:
    """Nothing acknowledged is lost, by a failover either; nobody sees an error but those after which a page repeats."""
    outcome = drill.play(SHORT, takers=4, patience=2, restores=False, keep=tmp_path / "kept")
    assert (outcome.first, outcome.counts) == ([], dict.fromkeys(COUNTS, 0))
    assert [(row.act, row.other) for row in outcome.rows if row.other] == []
    assert outcome.looked_at["acknowledged saves"] > 200
    by_name = {row.act: row for row in outcome.rows}
    boards = by_name["lose the read replica and bring it back"]
    assert [said.split(" looks (")[1].split(" failed")[0] for said in boards.found.split("; ")] == ["0"] * 5, (
        boards.found
    )
    assert [" replica" in said for said in boards.found.split("; ")] == [True, False, True, False, True], boards.found
    for name in ("freeze redis", "back up", "expand the tables and contract them"):
        assert by_name[name].repeated == 0
        assert 0 < by_name[name].most < siege.ALLOWED, by_name[name].line()


@pytest.mark.slow
def test_saves_go_on_while_strangers_hold_on_to_the_server(tmp_path: Path) -> None:
    """2,000 slow heads, 500 bodies without end, readers who do not read, a thousand idle connections and a flood at once."""
    (row,) = siege.play(siege.SHORT, takers=6, keep=tmp_path / "kept")
    assert (dict(row.other), row.repeated) == ({}, 0)
    assert row.saves > 50
    assert row.most < siege.ALLOWED, row.line()
    assert "heads held to the end: 2000" in row.found


def test_what_people_notice_is_read_from_their_journals(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal-0.jsonl")
    save = {"attempt": "a", "position": "1", "revision": 1, "value": "x"}
    for status in (*AWAY, 200):
        journal.note(do="answer", to=journal.note(do="save", **save), status=status, said={})
    journal.note(do="answer", to=journal.note(do="save", **{**save, "revision": 2}), status=500, said={})
    journal.note(do="ask", method="GET", path="/", status=500, said="")
    journal.note(do="ask", method="GET", path="/", status=503, said="")
    found = noticed(tmp_path, "act", 0, 4e9)
    assert (found.saves, found.repeated, dict(found.other)) == (1, len(AWAY), {"save 500": 1, "GET 500": 1})
    assert found.longest > 0
    assert noticed(tmp_path, "act", 0, 1).saves == 0
