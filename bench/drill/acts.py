"""What is done in a drill while people take papers; each returns what was found, in a few words."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable

from bench.drill.installation import Installation
from bench.faults.site import ROOT, Server
from tests import servers

Act = Callable[[Installation], str]


def calm(site: Installation) -> str:
    """Nothing is done: what people notice of the machine itself."""
    time.sleep(site.patience)
    return ""


def restart_the_nodes_one_after_the_other(site: Installation) -> str:
    for number in range(len(site.nodes)):
        site.restart_node(number)
    return f"{len(site.nodes)} nodes"


def restart_the_worker(site: Installation) -> str:
    assert site.worker is not None
    site.worker.end()
    site.worker.start()
    time.sleep(2)
    return ""


def expand_the_tables_and_contract_them(site: Installation) -> str:
    """Bring an update's tables in while the program that does not know them goes on."""
    with site.expansion() as (folder, head):
        for way in (["upgrade"], ["downgrade", head]):
            _migrate(site, way[0], "--directory", folder, *way[1:])
            time.sleep(1)
    return "table, two columns, index"


def _migrate(site: Installation, *command: str) -> None:
    """Migrate as an operator does: again, where a step gave up for a lock, or a save had the tables the other way round."""
    for is_last in (False, False, True):
        try:
            site.flask("db", *command)
            return
        except RuntimeError as failed:
            if is_last or not any(why in str(failed) for why in ("DeadlockDetected", "LockNotAvailable")):
                raise


def kill_redis(site: Installation) -> str:
    assert site.redis is not None
    site.redis.kill()
    time.sleep(site.patience)
    site.redis.start()
    return ""


def freeze_redis(site: Installation) -> str:
    assert site.redis is not None
    site.redis.send(signal.SIGSTOP)
    time.sleep(site.patience * 1.5)
    site.redis.send(signal.SIGCONT)
    return f"{site.patience * 1.5:.0f} s"


def lose_the_read_replica_and_bring_it_back(site: Installation) -> str:
    """Let it die, come back, fall silent and go on, and look at boards all the while."""
    assert site.reader is not None
    reader, told = site.reader, []
    ways: tuple[tuple[str, Callable[[], object]], ...] = (
        ("there", lambda: None),
        ("dead", reader.kill),
        ("back", reader.start),
        ("silent", lambda: _stop(reader, signal.SIGSTOP)),
        ("awake", lambda: _stop(reader, signal.SIGCONT)),
    )
    for name, do in ways:
        before = site.readings()
        do()
        looks, failed, longest = site.look_at_boards(site.patience + 5)  # what broke off rests for five seconds
        read = ", ".join(f"{n} {at}" for at, n in sorted((site.readings() - before).items()))
        told.append(f"{name}: {looks} looks ({failed} failed, longest {longest:.0f} ms), read {read}")
    return "; ".join(told)


def _stop(server: Server, number: signal.Signals) -> None:
    for pid in (server.process.pid, *server.children()):
        server.send(number, pid)


def reload_nginx(site: Installation) -> str:
    assert site.nginx is not None
    site.nginx.send(signal.SIGHUP)
    time.sleep(2)
    return ""


def lose_the_primary_and_promote_the_replica(site: Installation) -> str:
    begun = time.monotonic()
    site.fail_over()
    site.wait_ready()
    return f"ready again after {time.monotonic() - begun:.1f} s"


def back_up(site: Installation) -> str:
    """Back up while people save."""
    said = run(site, "deploy.backups.making", str(site.folder / "backups"))
    return said.rpartition("/")[2]


def restore_to_an_empty_cluster(site: Installation) -> str:
    """Restore the newest backup to a cluster that never saw this installation, and let the program look through it."""
    made = max((site.folder / "backups").glob("hoi-thi-*"))
    with servers.postgres() as cluster:
        said = run(site, "deploy.backups.restoring", str(made), DATABASE_URL=cluster.url(cluster.create()))
    return "; ".join(said.splitlines())


def run(site: Installation, module: str, *more: str, **own: str) -> str:
    environ = {**site.environ, "DATABASE_URL": site.environ["DATABASE_URL"], **own}
    if "DATABASE_URL" in own:
        environ["MIGRATION_DATABASE_URL"] = ""
    done = subprocess.run(
        [sys.executable, "-m", module, *more], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{module}: {done.stderr[-2000:]}")
    return done.stdout.strip()


ACTS: tuple[Act, ...] = (
    calm,
    restart_the_nodes_one_after_the_other,
    restart_the_worker,
    reload_nginx,
    expand_the_tables_and_contract_them,
    kill_redis,
    freeze_redis,
    lose_the_read_replica_and_bring_it_back,
    back_up,
    lose_the_primary_and_promote_the_replica,
)
