"""Files of people and questions taken in, results given out, by size: seconds, CPU and the peak of memory of the command.

The floor exchanges no files. A command's memory that does not grow with the file says that it is read or written in parts.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bench import crowd
from bench.compare.plan import Plan
from bench.compare.running import SETTLES, Found, under
from bench.questions import question
from bench.sites import SIZED, environment, flask, store
from contest import config
from contest.formats.drafts import MemberDraft
from contest.formats.tables import write_members, write_questions

UNIT = "GOC"
FORMATS = ("csv", "xlsx")


def exchange(kind: str, plan: Plan) -> Found:
    """Return of each file and size `seconds`, `cpu` (of command and database client, in seconds), `mb` and `file_mb`."""
    found = Found()
    for size in sorted({*plan.exports}):
        with tempfile.TemporaryDirectory() as name, store(kind, Path(name), "contest", **_sized(kind)) as (url, _, _):
            folder = Path(name)
            environ = environment(folder, url)
            _fill(environ, size)
            for form in FORMATS:
                out = folder / f"results.{form}"
                line = ["results", "export", "--contest", crowd.SLUG, "--round", "1", "--format", form]
                found |= _told(f"results {form}.{size}", environ, [*line, "--output", str(out)], out)
            if size == min(plan.exports):
                found |= _imports(environ, plan, folder)
    return found


def _sized(kind: str) -> Mapping[str, str]:
    return SIZED if kind == "postgresql" else {}


def _fill(environ: Mapping[str, str], size: int) -> None:
    flask(environ, "db", "upgrade")
    line = [sys.executable, "-m", "bench.compare.filling", str(size), "1"]
    subprocess.run(line, cwd=config.ROOT, env=environ, check=True, stdout=subprocess.DEVNULL)


def _imports(environ: Mapping[str, str], plan: Plan, folder: Path) -> Found:
    found = Found()
    for count in plan.members:
        path = folder / f"members-{count}.xlsx"
        path.write_bytes(write_members(_people(count), format="xlsx"))
        found |= _told(f"members.{count}", environ, ["members", "import", str(path)], path)
    for count in plan.questions:
        path = folder / f"questions-{count}.xlsx"
        path.write_bytes(write_questions([question(n + 1) for n in range(count)], format="xlsx"))
        line = ["questions", "import", str(path), "--bank", f"lon-{count}"]
        found |= _told(f"questions.{count}", environ, line, path)
    return found


def _people(count: int) -> Iterable[MemberDraft]:
    """Yield people who are new in each file."""
    return (MemberDraft(f"F{count}-{n}", f"Nguyễn Văn {n}", None, None, None, None, UNIT) for n in range(count))


def _told(name: str, environ: Mapping[str, str], line: Sequence[str], file: Path) -> Found:
    """Carry out a command and return what it took, with the size of the file it read or wrote."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *line]
    begun = time.perf_counter()
    process = subprocess.Popen(command, cwd=config.ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    took = time.perf_counter() - begun
    if process.returncode:
        raise RuntimeError(f"{' '.join(line)} ended with {process.returncode}: {said[-2000:]}")
    time.sleep(SETTLES)
    figures = {"seconds": took, "cpu": used.ru_utime + used.ru_stime, "mb": used.ru_maxrss / 1000}
    return under(name, {**figures, "file_mb": file.stat().st_size / 1e6})
