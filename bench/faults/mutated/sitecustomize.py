"""Takes one guard out of the program, named by MUTANT; every process loads this before anything else. See `mutants.py`.

Each function is given a module of the program once it has been read, and changes it.
"""

import importlib.abc
import importlib.machinery
import os
import sys
import threading
import time

MUTANT = os.environ.get("MUTANT", "")


def acknowledge_before_commit(db):
    """Let a save be told as done while its transaction is still open; it is committed a moment later."""

    def append(statement, params):
        connection = db.db.engine.connect()
        rows, _ = db.execute_on(connection.connection.dbapi_connection, statement, params)

        def commit():
            time.sleep(0.05)
            connection.connection.dbapi_connection.commit()
            connection.close()

        threading.Thread(target=commit).start()
        return rows

    db.append = append


def synchronous_off(db):
    db._PRAGMAS = tuple(p.replace("synchronous=FULL", "synchronous=OFF") for p in db._PRAGMAS)


def start_without_looking(starting):
    """Begin another attempt whoever has one open already; the index that forbids it is dropped by the campaign."""
    entry_of = starting.entry_of

    def blind(*given):
        import dataclasses

        time.sleep(0.05)
        return dataclasses.replace(entry_of(*given), open_code=None)

    starting.entry_of = blind


def ignore_revision(saving):
    """Let whatever comes last be the highest revision."""
    save = saving.save
    made = {}

    def last(code, position, revision, raw, **who):
        made[code, position] = max(made.get((code, position), 0) + 1, revision)
        return save(code, position, made[code, position], raw, **who)

    saving.save = last


def ignore_deadline(saving):
    """Judge every save as if it had arrived long ago."""
    save = saving.save

    def early(*given, arrived, **who):
        return save(*given, arrived=arrived.replace(year=2001), **who)

    saving.save = early


def increment_score(grading):
    result_of = grading.result_of

    def more(attempt, *given, **named):
        row = result_of(attempt, *given, **named)
        return {**row, "correct_count": row["correct_count"] + (attempt.number > 1)}

    grading.result_of = more


def mix_up_papers(content):
    """Keep the shapes of papers by the member alone."""
    find_shape = content.find_shape
    kept = {}

    def wrong(code, member_id):
        found = kept.get(len(code)) or find_shape(code, member_id)
        kept[len(code)] = found
        return found

    content.find_shape = wrong


def let_everybody_try(limiter):
    limiter.admit = lambda *_, **__: None


def unlink_chain(seals):
    chained = seals.chained
    seals.chained = lambda _, *more: chained("", *more)


CHANGES = {
    "acknowledged before the commit": ("contest.db.session", acknowledge_before_commit),
    "synchronous off": ("contest.db.connecting", synchronous_off),
    "unique index dropped": ("contest.services.attempts.starting", start_without_looking),
    "revision ignored": ("contest.services.attempts.saving", ignore_revision),
    "score incremented": ("contest.services.grading", increment_score),
    "wrong cache key": ("contest.services.attempts.content", mix_up_papers),
    "limiter failing open": ("contest.services.members.limiter", let_everybody_try),
    "chain unlinked": ("contest.rules.seals", unlink_chain),
    "deadline ignored": ("contest.services.attempts.saving", ignore_deadline),
}


class Changer(importlib.abc.MetaPathFinder):
    """Finds the one module as it would be found, and changes it once it has been read."""

    def find_spec(self, name, path, target=None):
        if name != CHANGES[MUTANT][0]:
            return None
        sys.meta_path.remove(self)
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        read = spec.loader.exec_module

        def exec_module(module):
            read(module)
            CHANGES[MUTANT][1](module)

        spec.loader.exec_module = exec_module
        return spec


if MUTANT:
    sys.meta_path.insert(0, Changer())
