"""The people of whom nobody has come: none of them has sat in the round that is measured."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from bench import sites

SAT = sa.text("SELECT code FROM members WHERE id IN (SELECT member_id FROM attempts WHERE round_id = :round)")
OPEN = sa.text("SELECT id FROM rounds WHERE opens_at <= CURRENT_TIMESTAMP AND closes_at > CURRENT_TIMESTAMP")


@pytest.mark.parametrize("kind", sites.STORES)
def test_who_comes_to_the_product_has_not_sat_before(kind: str, tmp_path: Path) -> None:
    with sites.database(kind, tmp_path) as url:
        people = sites.load_demonstration(sites.environment(tmp_path, url), 9, results=40)
        engine = sa.create_engine(url)
        with engine.connect() as connection:
            (open_round,) = connection.scalars(OPEN)
            sat = {int(code[1:]) for code in connection.scalars(SAT, {"round": open_round})}
        engine.dispose()
    assert (len(people), len(set(people) & sat)) == (9, 0)
    assert len(sat) > 20
