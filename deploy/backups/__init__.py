"""Backups: a folder with what the database gave out while it ran, and a manifest that says what has to come of it.

The manifest is sealed with a key that follows from SECRET_KEY, and names the digest of the data: neither is made up or changed
without it. What is restored are rows and nothing else: tables, triggers and functions come from the migrations.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

PREFIX = "hoi-thi-"
MANIFEST = "manifest.json"
FILES = {"sqlite": "contest.db", "postgresql": "contest.dump"}
DIGESTED = (
    "results",
    "standings",
    "attempts",
    "submission_seals",
    "audit_seals",
)  # whose rows must come back to the letter


class Refusal(SystemExit):
    """Why nothing was done; whatever was begun has been undone."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: the rows of each table, the digests of some, and the migration at which it was made."""

    store: str
    made_at: str
    revision: str
    bytes: int
    sha256: str
    counts: Mapping[str, int]
    digests: Mapping[str, str]
    sequences: Mapping[str, int]
    format: int = 1


def seal(manifest: Manifest, secret_key: str) -> str:
    """Return what nobody without the secret can write under a manifest."""
    key = hmac.digest(secret_key.encode(), b"backup", "sha256")
    return hmac.new(key, json.dumps(asdict(manifest), sort_keys=True).encode(), "sha256").hexdigest()


def write(folder: Path, manifest: Manifest, secret_key: str) -> None:
    text = json.dumps({**asdict(manifest), "seal": seal(manifest, secret_key)}, indent=1, sort_keys=True)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def read(folder: Path, secret_key: str, *, foreign: bool = False) -> Manifest:
    """Return the manifest of a backup whose data is what it says; raises Refusal otherwise.

    `foreign` takes one that was sealed with another secret: then whoever made it is trusted with every row.
    """
    try:
        told: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        found = told.pop("seal")
        manifest = Manifest(**told)
        is_sealed = hmac.compare_digest(str(found), seal(manifest, secret_key))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise Refusal(f"{folder} is no backup: {error}") from None
    if manifest.format != 1 or manifest.store not in FILES:
        raise Refusal(f"{folder} is a backup of another kind: {manifest.store}, {manifest.format}.")
    if not is_sealed and not foreign:
        raise Refusal(
            f"{folder} was not made with this SECRET_KEY, or was changed. --foreign takes it if you trust whoever made it."
        )
    data = folder / FILES[manifest.store]
    if (
        data.is_symlink()
        or not data.is_file()
        or data.stat().st_size != manifest.bytes
        or digest(data) != manifest.sha256
    ):
        raise Refusal(f"{data} is not what {MANIFEST} says: incomplete, or changed.")
    return manifest


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def settle(path: Path) -> None:
    """Force a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
