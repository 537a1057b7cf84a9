"""Back up the database of the settings into a folder, while everything runs, and let old backups go.

A backup appears under its name once it is whole, verified and on the disk. What fails leaves nothing, and removes nothing.
"""

import argparse
import fcntl
import os
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from contest import config
from deploy.backups import FILES, PREFIX, Manifest, Refusal, digest, postgresql, settle, sqlite, write

_STAMP = "%Y%m%dT%H%M%SZ"
_UNFINISHED = ".unfinished-"


def make(folder: Path, settings: config.Settings) -> Path:
    """Make one backup and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    store = "sqlite" if settings.is_sqlite else "postgresql"
    at = datetime.now(UTC)
    final = folder / f"{PREFIX}{at:{_STAMP}}"
    if final.exists():
        raise Refusal(f"{final} is there already.")
    own = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=folder))
    try:
        data = own / FILES[store]
        if store == "sqlite":
            found = sqlite.dump(settings.database_url, data)
        else:
            found = postgresql.dump(settings.migration_database_url or settings.database_url, data)
        data.chmod(0o600)
        made_at = at.isoformat(timespec="seconds")
        manifest = Manifest(store=store, made_at=made_at, bytes=data.stat().st_size, sha256=digest(data), **found)
        write(own, manifest, settings.secret_key)
        for path in (*own.iterdir(), own):
            settle(path)
        own.rename(final)
        settle(folder)
    except BaseException:
        shutil.rmtree(own, ignore_errors=True)
        raise
    return final


def let_go(folder: Path, *, keep: timedelta, at_least: int) -> list[Path]:
    """Remove backups older than `keep`, but never the newest so many, and what a crash left unfinished."""
    made = sorted(path for path in folder.glob(f"{PREFIX}*") if path.is_dir() and not path.is_symlink())
    edge = datetime.now(UTC) - keep
    old = [path for path in made[: len(made) - at_least] if (at := _made_at(path)) is not None and at < edge]
    for path in [*old, *folder.glob(f"{_UNFINISHED}*")]:
        shutil.rmtree(path)
    return old


def _made_at(path: Path) -> datetime | None:
    try:
        return datetime.strptime(path.name.removeprefix(PREFIX), _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def main() -> int:
    parser = argparse.ArgumentParser(prog="deploy/backup", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--keep-days", type=int, metavar="N", help="remove older ones; without it, none")
    parser.add_argument("--keep-at-least", type=int, default=7, metavar="N", help="never fewer (7)")
    options = parser.parse_args()
    if options.keep_at_least < 1 or (options.keep_days is not None and options.keep_days < 1):
        parser.error("at least one has to stay, for at least a day")
    os.umask(0o077)
    begun = time.monotonic()
    settings = config.load()
    options.folder.mkdir(parents=True, exist_ok=True)
    with (options.folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal(f"Another backup into {options.folder} is running.") from None
        made = make(options.folder, settings)
        print(f"{made}, {time.monotonic() - begun:.1f} s")
        if options.keep_days is not None:
            for path in let_go(options.folder, keep=timedelta(days=options.keep_days), at_least=options.keep_at_least):
                print(f"removed {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
