"""The faults of a campaign. Each is done and undone by one function, which returns once everything runs again."""

import signal
import time
from collections.abc import Callable, Mapping
from random import Random

from bench.faults.site import Server, Site

Fault = Callable[[Site, Random], None]
FROZEN = 3.0  # seconds for which something stands still


def kill_a_worker(site: Site, chance: Random) -> None:
    """Kill one of the processes that answer requests, or the one that works behind."""
    node = chance.choice(site.nodes)
    if found := node.children():
        node.send(signal.SIGKILL, chance.choice(found))


def kill_a_node(site: Site, chance: Random) -> None:
    """Kill a server with all its processes, and start it again."""
    node = chance.choice(site.nodes)
    node.kill()
    node.start()
    site.wait_ready()


def restart_a_node(site: Site, chance: Random) -> None:
    """Ask a server to end, as an update does, and start it again."""
    node = chance.choice(site.nodes)
    node.end()
    node.start()
    site.wait_ready()


def freeze_a_worker(site: Site, chance: Random) -> None:
    node = chance.choice(site.nodes)
    if found := node.children():
        _freeze(node, chance.choice(found))


def fill_the_disk(site: Site, chance: Random) -> None:
    """Leave the database no byte to write; a database that has given up over it is started again."""
    with site.full_disk():
        time.sleep(FROZEN)
    if site.postgres is not None and site.postgres.process.poll() is not None:
        site.start_postgres()
    site.wait_ready()


def crash_postgres(site: Site, chance: Random) -> None:
    """Stop PostgreSQL as a power cut does, and start it again."""
    assert site.postgres is not None
    site.postgres.send(signal.SIGQUIT)
    site.postgres.process.wait()
    site.start_postgres()


def kill_postgres(site: Site, chance: Random) -> None:
    assert site.postgres is not None
    site.postgres.kill()
    site.start_postgres()


def kill_a_backend(site: Site, chance: Random) -> None:
    """Kill one process of PostgreSQL, which then recovers all of them."""
    if found := site.backends():
        assert site.postgres is not None
        site.postgres.send(signal.SIGKILL, chance.choice(found))


def end_all_connections(site: Site, chance: Random) -> None:
    site.terminate_backends()


def kill_redis(site: Site, chance: Random) -> None:
    assert site.redis is not None
    site.redis.kill()
    time.sleep(FROZEN)
    site.redis.start()


def freeze_redis(site: Site, chance: Random) -> None:
    assert site.redis is not None
    _freeze(site.redis, site.redis.process.pid)


def step_a_clock(site: Site, chance: Random) -> None:
    """Let the clock of one node be half a minute, or an hour, before or behind."""
    site.clock.write_text(chance.choice(["+30", "-30", "+3600", "-3600"]))
    time.sleep(FROZEN + 2)
    site.clock.write_text("+0")
    time.sleep(2)
    site.wait_ready()


def reload_nginx(site: Site, chance: Random) -> None:
    assert site.nginx is not None
    site.nginx.send(signal.SIGHUP)


def _freeze(server: Server, pid: int) -> None:
    server.send(signal.SIGSTOP, pid)
    time.sleep(FROZEN)
    server.send(signal.SIGCONT, pid)


_EVERYWHERE = (kill_a_worker, kill_a_node, restart_a_node, freeze_a_worker)
_OF_POSTGRES = (crash_postgres, kill_postgres, kill_a_backend, end_all_connections, kill_redis, freeze_redis)


def faults_of(site: Site) -> Mapping[str, Fault]:
    """Return the faults that can be done to a site, by name."""
    found: list[Fault] = list(_EVERYWHERE)
    if site.is_mounted:
        found.append(fill_the_disk)
    if site.postgres is not None:
        found += _OF_POSTGRES
    if site.nginx is not None:
        found += (step_a_clock, reload_nginx)
    return {fault.__name__.replace("_", " "): fault for fault in found}
