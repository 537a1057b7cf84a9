"""Static files made ready to be served for ever: one style sheet, one address per state of the files, compressed.

Everything but `vendor/` (whose paths carry versions of their own) lies under a folder named by the digest of it all, so
that modules may import each other by relative paths and every browser may keep every file.
"""

import hashlib
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from whitenoise.compress import Compressor

_LAYERS = ("css/tokens.css", "css/reset.css", "css/base.css", "css/components/*.css", "css/utilities.css")


def digest_of(source: Path) -> str:
    """Return a short name for the present state of all static files."""
    digest = hashlib.sha256()
    for path in sorted(p for p in source.rglob("*") if p.is_file()):
        digest.update(str(path.relative_to(source)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def build(source: Path, target: Path) -> str:
    """Build the static files under `target`, unless that has been done, and return the name of their state.

    What was built before it stays: processes and pages of the former state go on asking for it while they are renewed.
    """
    version, mark = digest_of(source), target / "version"
    former = mark.read_text() if mark.exists() else None
    if former == version:
        return version
    static = target / "static"
    for path in static.iterdir() if static.is_dir() else ():
        if path.name not in (former, "vendor"):
            shutil.rmtree(path)
    current = static / version
    shutil.copytree(source, current, ignore=shutil.ignore_patterns("vendor"))
    shutil.copytree(source / "vendor", static / "vendor", dirs_exist_ok=True)
    sheets = [path for pattern in _LAYERS for path in sorted(source.glob(pattern))]
    (current / "app.css").write_text("\n".join(p.read_text(encoding="utf-8") for p in sheets), encoding="utf-8")
    compressor = Compressor(quiet=True)
    for path in [p for folder in (current, static / "vendor") for p in folder.rglob("*") if p.is_file()]:
        if compressor.should_compress(path.name):
            for _ in compressor.compress(str(path)):
                pass
    mark.write_text(version)
    return version


def built_version(target: Path) -> str:
    """Return the name of the state that was built; raises FileNotFoundError when none was."""
    return (target / "version").read_text()


_IMPORT = re.compile(r"""^(?:import|export)\b[^;"]*"(\.[^"]+)";""", re.MULTILINE)


def modules_of(folder: Path, names: Sequence[str]) -> tuple[str, ...]:
    """Return the paths of modules below a folder with all that they import, each once, those asked for first."""
    found = dict.fromkeys(names)
    waiting = list(names)
    while waiting:
        path = folder / waiting.pop(0)
        for imported in _IMPORT.findall(path.read_text(encoding="utf-8")):
            name = (path.parent / imported).resolve().relative_to(folder.resolve()).as_posix()
            if name not in found:
                found[name] = None
                waiting.append(name)
    return tuple(found)


if __name__ == "__main__":
    print(build(Path(__file__).parents[2] / "static", Path(sys.argv[1])))
