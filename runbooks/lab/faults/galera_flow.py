"""Galera: a member that holds up all others. Somebody locks a table there again and again (a backup does that), the
member cannot apply what the others write, and its flow control makes them wait.

The members' own counter of the time for which they were paused tells how much.
"""

from __future__ import annotations

from runbooks.lab.faults.fault import Fault, Parameters, host
from runbooks.lab.faults.galera import UNIT, must_be_whole
from runbooks.lab.faults.units import must_be_active
from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine
from runbooks.lab.services import galera
from runbooks.lab.shell import LabError, pause

LOCKER, WRITER = "nephoscope-fault-locker", "nephoscope-fault-writer"
CYCLES = 30000
LOOK = 3.0
"""Seconds between two looks at the counter: one cycle of the lock."""
ENOUGH = 0.1

TABLE = """
CREATE DATABASE IF NOT EXISTS nephoscope_flow;
CREATE TABLE IF NOT EXISTS nephoscope_flow.held (id BIGINT AUTO_INCREMENT PRIMARY KEY, word VARCHAR(40));
"""
LOCKS = "LOCK TABLES nephoscope_flow.held READ; DO SLEEP(2); UNLOCK TABLES; DO SLEEP(1);\n" * CYCLES
WRITES = """\
DELIMITER //
BEGIN NOT ATOMIC
  WHILE 1 DO
    INSERT INTO nephoscope_flow.held (word) VALUES (UUID());
    DO SLEEP(0.01);
  END WHILE;
END//
"""


def _run(machine: Machine, unit: str, sql: str) -> None:
    """SQL that does not end, as a service of the host."""
    path = f"/run/{unit}.sql"
    machine.run("install", "-m", "600", "/dev/stdin", path, input=sql)
    words = ("systemd-run", "--quiet", "--collect", f"--unit={unit}", f"--property=StandardInput=file:{path}")
    machine.run(*words, "mariadb", "--batch")


def _writer(lab: Lab, parameters: Parameters) -> Machine:
    return next(each for each in lab.control if each.name != parameters["host"] and each.running)


def _inject(lab: Lab, parameters: Parameters) -> None:
    galera.sql(_writer(lab, parameters), TABLE)
    _run(lab.machines[parameters["host"]], LOCKER, LOCKS)
    _run(_writer(lab, parameters), WRITER, WRITES)


def _undo(lab: Lab, parameters: Parameters) -> None:
    running = [machine for machine in lab.control if machine.running]
    for machine in running:
        machine.run("systemctl", "stop", LOCKER, WRITER, check=False)
        machine.run("rm", "-f", f"/run/{LOCKER}.sql", f"/run/{WRITER}.sql")
    galera.sql(_writer(lab, parameters), "DROP DATABASE IF EXISTS nephoscope_flow", seconds=60)


def _paused(machine: Machine) -> float:
    """Seconds for which the member has been paused since it started."""
    said = galera.sql(machine, "SHOW GLOBAL STATUS LIKE 'wsrep_flow_control_paused_ns'").split()
    return int(said[1]) / 1e9


def _held_up(lab: Lab, parameters: Parameters) -> bool:
    """A tenth of the time or more."""
    try:
        machine = _writer(lab, parameters)
        before = _paused(machine)
        pause(LOOK)
        return _paused(machine) - before > ENOUGH * LOOK
    except LabError:
        return False


def _refuse(lab: Lab, parameters: Parameters) -> None:
    must_be_active(host(lab, parameters), UNIT)
    must_be_whole(lab, parameters)


FAULTS = {"galera-flow-control": Fault(_inject, _undo, _held_up, _refuse, 90)}
"""The faults of this file."""
