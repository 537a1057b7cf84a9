"""Restore a backup into an empty database, and prove what has come of it, before anything of the present is touched.

Tables come from this program's migrations, up to the one at which the backup was made; then its rows, then the migrations since.
With --replace what is there is set aside, not removed: SQLite's file under another name, PostgreSQL's tables in another schema.
"""

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory

from contest import config
from deploy.backups import FILES, Manifest, Refusal, postgresql, read, sqlite

_SUFFIXES = ("", "-wal", "-shm")


def restore(folder: Path, settings: config.Settings, *, replace: bool, foreign: bool) -> list[str]:
    """Restore and return what was found out about it, a line each; raises Refusal and leaves everything as it was."""
    manifest = read(folder, settings.secret_key, foreign=foreign)
    store = "sqlite" if settings.is_sqlite else "postgresql"
    if manifest.store != store:
        raise Refusal(f"{folder} was made of {manifest.store}, and DATABASE_URL names {store}.")
    _refuse_unknown(manifest.revision)
    aside = f"before_{datetime.now(UTC):%Y%m%dt%H%M%S}"
    data = folder / FILES[store]
    if store == "sqlite":
        return _into_sqlite(manifest, data, sqlite.path_of(settings.database_url), aside, replace)
    return _into_postgresql(manifest, data, settings.migration_database_url or settings.database_url, aside, replace)


def _into_sqlite(manifest: Manifest, data: Path, target: Path, aside: str, replace: bool) -> list[str]:
    if target.exists() and not replace:
        raise Refusal(f"{target} is there already. --replace sets it aside; stop the service first.")
    new = target.with_name(f".restoring-{target.name}")
    url = f"sqlite:///{new}"
    _remove(new)
    try:
        lines = _fill(manifest, url, lambda: sqlite.load(data, url))
        sqlite.fold(new)
        if target.exists():
            for suffix in _SUFFIXES:
                if (old := Path(f"{target}{suffix}")).exists():
                    old.rename(target.with_name(f"{target.name}.{aside}{suffix}"))
            lines.append(f"what was there lies in {target.name}.{aside}")
        new.rename(target)
    finally:
        _remove(new)
    return lines


def _into_postgresql(manifest: Manifest, data: Path, url: str, aside: str, replace: bool) -> list[str]:
    was_empty = postgresql.is_empty(url)
    if not was_empty and not replace:
        raise Refusal("The database holds tables already. --replace sets them aside; stop the service first.")
    if not was_empty:
        postgresql.set_aside(url, aside)
    try:
        lines = _fill(manifest, url, lambda: postgresql.load(data, url, manifest.sequences))
    except BaseException:
        postgresql.undo(url, None if was_empty else aside)
        raise
    return [*lines, *([] if was_empty else [f"what was there lies in the schema {aside}"])]


def _fill(manifest: Manifest, url: str, load: Callable[[], Mapping[str, Any]]) -> list[str]:
    """Make the tables, load the rows, compare, migrate, and let the program look at everything."""
    _run(url, "flask", "--app", "wsgi", "db", "upgrade", manifest.revision)
    found = load()
    for what in ("revision", "counts", "digests"):
        wanted = getattr(manifest, what)
        if found[what] != wanted:
            differing = (
                [k for k in wanted if found[what].get(k) != wanted[k]] if isinstance(wanted, Mapping) else [wanted]
            )
            raise Refusal(f"What was restored is not what was backed up: {what} {differing[:5]}")
    rows = sum(manifest.counts.values())
    lines = [f"{rows} rows in {len(manifest.counts)} tables, as counted when {manifest.made_at} was backed up",
             f"to the letter: {', '.join(manifest.digests)}"]  # fmt: skip
    return [*lines, *_run(url, "deploy.backups.proving").splitlines()]


def _run(url: str, module: str, *more: str) -> str:
    others = ("MIGRATION_DATABASE_URL", "READ_DATABASE_URL")
    given = (f"{name}_FILE" for name in ("DATABASE_URL", *others))
    own = {k: v for k, v in os.environ.items() if k not in set(given)}
    own |= {"DATABASE_URL": url, **dict.fromkeys(others, "")}
    command = [sys.executable, "-m", module, *more]
    done = subprocess.run(command, cwd=config.ROOT, env=own, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise Refusal(f"{module} {' '.join(more)}: {(done.stderr or done.stdout).strip()[-1500:]}")
    return done.stdout.strip()


def _refuse_unknown(revision: str) -> None:
    known = {script.revision for script in ScriptDirectory(str(config.ROOT / "migrations")).walk_revisions()}
    if not re.fullmatch(r"\w+", revision) or revision not in known:
        raise Refusal(
            f"The backup is of migration {revision}, which this program does not know: it is older than the backup."
        )


def _remove(path: Path) -> None:
    for suffix in _SUFFIXES:
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="deploy/restore", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("backup", type=Path, help="a folder that deploy/backup made")
    parser.add_argument("--replace", action="store_true", help="set aside what is in the database")
    parser.add_argument("--foreign", action="store_true", help="take a backup that another SECRET_KEY sealed")
    options = parser.parse_args()
    os.umask(0o077)
    print(*restore(options.backup, config.load(), replace=options.replace, foreign=options.foreign), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
