"""MariaDB Galera on the three controllers.

The first member begins alone and gets the accounts; then the others get a copy of its data while it is stopped, and
join with next to nothing to fetch. After that, what to start is read from what the members say and have on disk
(galera_state.py), so that any earlier end, power loss of all three included, leads to a cluster again.
"""

from __future__ import annotations

import time

from runbooks.lab.disk import inside
from runbooks.lab.lab import Lab, names
from runbooks.lab.machine import Machine
from runbooks.lab.services.galera_state import Member, Plan, parse_grastate, parse_position, parse_status, plan
from runbooks.lab.shell import LabError, pause, run

PACKAGES = ("mariadb-server", "mariadb-backup", "galera-4", "socat", "rsync")
PORT = 3306
UNIT = "mariadb"
DATA = "/var/lib/mysql"
CONFIG = "/etc/mysql/mariadb.conf.d/60-galera.cnf"


def install(lab: Lab) -> None:
    """Configuration on every member; once, the same beginning for all."""
    peers = [machine.address for machine in lab.control]
    for machine in lab.control:
        text = config(machine.name, machine.address, peers, lab.secrets["galera_sst"])
        machine.write(CONFIG, text, 0o640, "root:mysql")
        machine.enable(UNIT)
    lab.once("galera-beginning", lambda: _same_beginning(lab))


def config(name: str, address: str, peers: list[str], sst_password: str) -> str:
    """The member's configuration file."""
    return f"""\
[mariadbd]
bind-address = {address}
skip-name-resolve
max_connections = 1024
default_storage_engine = InnoDB
innodb_autoinc_lock_mode = 2
innodb_buffer_pool_size = 128M
innodb_flush_log_at_trx_commit = 2
innodb_log_file_size = 64M
binlog_format = ROW
wsrep_on = ON
wsrep_provider = /usr/lib/galera/libgalera_smm.so
wsrep_cluster_name = openstack
wsrep_cluster_address = gcomm://{",".join(peers)}
wsrep_node_name = {name}
wsrep_node_address = {address}
wsrep_slave_threads = 2
wsrep_sst_method = mariabackup
wsrep_sst_auth = sst:{sst_password}
wsrep_provider_options = "gcache.size=128M"
"""


def _same_beginning(lab: Lab) -> None:
    """The same data and history everywhere."""
    lab.each(lab.control, lambda machine: machine.stop(UNIT))
    first, *others = lab.control
    bootstrap(first)
    first.wait("Galera serves", lambda: look(first).primary)
    _accounts(lab)
    first.stop(UNIT)
    lab.each(others, lambda machine: _copy(first, machine))


def _copy(first: Machine, other: Machine) -> None:
    """The stopped member's data on another; the cache of what it sent is its own."""
    other.run("find", DATA, "-mindepth", "1", "-delete")
    source, target = inside(first.root, DATA), inside(other.root, DATA)
    run(("cp", "--archive", "--sparse=auto", f"{source}/.", f"{target}/"), seconds=120)
    other.run("rm", "-f", f"{DATA}/galera.cache", f"{DATA}/gvwstate.dat")
    text = other.read(f"{DATA}/grastate.dat").replace("safe_to_bootstrap: 1", "safe_to_bootstrap: 0")
    other.write(f"{DATA}/grastate.dat", text, 0o660, "mysql:mysql")


def start(lab: Lab, seconds: float = 240) -> None:
    """A cluster of all members, whatever state they are in."""
    end, step = time.monotonic() + seconds, time.monotonic()
    while (now := time.monotonic()) < end:
        doing = plan({machine.name: look(machine) for machine in lab.control}, now - step)
        if doing.done:
            return
        _do(lab, doing)
        if doing.verb != "wait":
            step = time.monotonic()
    raise LabError("Galera", f"no cluster of {names(lab.control)} after {seconds:g} s", "journalctl -u mariadb there")


def look(machine: Machine) -> Member:
    """What a member says, or has on disk when it says nothing."""
    if not machine.running:
        return Member(state="off")
    state = machine.run("systemctl", "is-active", UNIT, check=False).out.strip()
    status = parse_status(sql(machine, "SHOW GLOBAL STATUS LIKE 'wsrep_%'", check=False))
    if status:
        return Member(state, status=status)
    uuid, seqno, safe = parse_grastate(_file(machine, "grastate.dat"))
    return Member(state, uuid=uuid, seqno=seqno, safe=safe, view=bool(_file(machine, "gvwstate.dat")))


def _file(machine: Machine, name: str) -> str:
    return machine.read(f"{DATA}/{name}") if machine.exists(f"{DATA}/{name}") else ""


def _do(lab: Lab, doing: Plan) -> None:
    """One step towards the cluster."""
    machines = [lab.machines[name] for name in doing.members]
    if doing.verb == "wait":
        pause(0.5)
    elif doing.verb == "start":
        lab.each(machines, _start)
        pause(0.5)
    elif doing.verb == "stop":
        lab.each(machines, _give_up)
    elif doing.verb == "forget":
        lab.each(machines, _forget_view)
    elif doing.verb == "compare":
        lab.each(machines, _recover)
    elif doing.verb == "promote":
        sql(machines[0], "SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'")
    elif doing.verb == "bootstrap":
        bootstrap(machines[0])


def _start(machine: Machine) -> None:
    """Not waited for: its start ends when it is a member, which may take the others."""
    machine.systemctl("reset-failed", UNIT, check=False)
    machine.systemctl("start", "--no-block", UNIT, check=False)


def _give_up(machine: Machine) -> None:
    """End a member that looks for a cluster; it takes no other signal meanwhile, and has not opened its data yet."""
    machine.systemctl("stop", "--no-block", UNIT)
    machine.systemctl("kill", "--signal=KILL", UNIT, check=False)
    machine.wait("MariaDB has ended", lambda: look(machine).down)


def _forget_view(machine: Machine) -> None:
    _give_up(machine)
    machine.run("rm", "-f", f"{DATA}/gvwstate.dat")


def _recover(machine: Machine) -> None:
    """Write the position that the data really has into grastate.dat, as an operator would."""
    machine.run("systemctl", "reset-failed", UNIT, check=False)
    said = machine.run("galera_recovery", seconds=120, check=False).out
    uuid, seqno = parse_position(said)
    text = f"# GALERA saved state\nversion: 2.1\nuuid: {uuid}\nseqno: {seqno}\nsafe_to_bootstrap: 0\n"
    machine.write(f"{DATA}/grastate.dat", text, 0o660, "mysql:mysql")


def bootstrap(machine: Machine) -> None:
    """A new cluster from this member's data."""
    machine.run("systemctl", "reset-failed", UNIT, check=False)
    text = _file(machine, "grastate.dat").replace("safe_to_bootstrap: 0", "safe_to_bootstrap: 1")
    machine.write(f"{DATA}/grastate.dat", text, 0o660, "mysql:mysql")
    done = machine.run("galera_new_cluster", seconds=120, check=False)
    if not done.ok:
        raise LabError(f"{machine.name}: Galera does not start", machine.last_words(UNIT))


def sql(machine: Machine, text: str, check: bool = True, seconds: float = 15) -> str:
    """What the member answers, asked as root on its own socket; tab-separated, without titles."""
    words = ("mariadb", "--connect-timeout=5", "--batch", "--skip-column-names")
    return machine.run(*words, input=text, check=check, seconds=seconds).out


def _accounts(lab: Lab) -> None:
    """For state transfers, for HAProxy's check (may do nothing), for reading (no more than a console needs), and for
    a console's operations.
    """
    monitor, sst = lab.secrets["galera_monitor"], lab.secrets["galera_sst"]
    operator = lab.secrets["galera_operator"]
    sql(
        lab.control[0],
        f"""
        CREATE USER IF NOT EXISTS sst@localhost IDENTIFIED BY '{sst}';
        GRANT RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR ON *.* TO sst@localhost;
        CREATE USER IF NOT EXISTS haproxy@'%';
        CREATE USER IF NOT EXISTS monitor@'%' IDENTIFIED BY '{monitor}';
        GRANT PROCESS, SELECT ON *.* TO monitor@'%';
        CREATE USER IF NOT EXISTS operator@'%' IDENTIFIED BY '{operator}';
        GRANT ALL ON *.* TO operator@'%';
        """,
    )
