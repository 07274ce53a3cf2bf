"""What a machine says about itself: uname, nproc, hostname, date, uptime, who one is."""

from __future__ import annotations

from datetime import UTC, datetime

from runbooks.simulator.ssh import files
from runbooks.simulator.ssh.getopt import options
from runbooks.simulator.ssh.program import Call, program


@program("uname")
def _uname(call: Call) -> int:
    given = options(call, flags="asnrvmo", long="all kernel-release")
    parts = {
        "s": "Linux",
        "n": call.place.host.name,
        "r": call.place.host.kernel,
        "v": files.kernel_version(call.place),
        "m": "x86_64",
        "o": "GNU/Linux",
    }
    everything = "a/all" in given
    chosen = [
        text
        for letter, text in parts.items()
        if everything or letter in given.given or (letter == "r" and "kernel-release" in given.given)
    ]
    call.print(" ".join(chosen or ["Linux"]))
    return 0


@program("nproc")
def _nproc(call: Call) -> int:
    options(call, long="all")
    call.print(str(call.place.host.cpus))
    return 0


@program("hostname")
def _hostname(call: Call) -> int:
    given = options(call, flags="fsiIad")
    if "I" in given or "i" in given:
        call.print(call.place.host.machine.address + (" " if "I" in given else ""))
    else:
        call.print(call.place.host.name)
    return 0


@program("date")
def _date(call: Call) -> int:
    """The cloud's clock, in UTC. `-d @SECONDS` shows another moment."""
    given = options(call, flags="uR", valued="d", long="utc", long_valued="date iso-8601")
    at = call.place.now + call.place.host.clock_error(call.place.now)
    if shown := given.last("d/date"):
        if not shown.startswith("@") or not shown[1:].isdigit():
            return call.fail(f"date: invalid date ‘{shown}’")
        at = float(shown[1:])
    moment = datetime.fromtimestamp(at, UTC)
    wanted = next((word for word in given.operands if word.startswith("+")), "")
    if wanted:
        nanoseconds = f"{int((at % 1) * 1e9):09}"
        call.print(
            moment.strftime(wanted[1:].replace("%s", str(int(at))).replace("%N", nanoseconds).replace("%z", "+0000"))
        )
    else:
        call.print(moment.strftime("%a %b %e %H:%M:%S UTC %Y"))
    return 0


@program("uptime")
def _uptime(call: Call) -> int:
    given = options(call, flags="ps", long="pretty since")
    host = call.place.host
    if "s/since" in given:
        call.print(datetime.fromtimestamp(host.booted, UTC).strftime("%Y-%m-%d %H:%M:%S"))
        return 0
    minutes = int(call.place.now - host.booted) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    clock = datetime.fromtimestamp(call.place.now, UTC).strftime("%H:%M:%S")
    up = f"{days} day{'s' if days != 1 else ''}, " if days else ""
    up += f"{hours:2}:{minutes:02}" if hours else f"{minutes} min"
    load = ", ".join(f"{value:.2f}" for value in host.load)
    call.print(f" {clock} up {up},  0 user,  load average: {load}")
    return 0


@program("whoami")
def _whoami(call: Call) -> int:
    call.print(call.place.account.name)
    return 0


@program("id")
def _id(call: Call) -> int:
    given = options(call, flags="unG")
    account = call.place.account
    if "u" in given:
        call.print(account.name if "n" in given else str(account.uid))
        return 0
    extra = ",4(adm),996(docker)" if account.docker and account.uid else ""
    number, name = account.uid, account.name
    call.print(f"uid={number}({name}) gid={number}({name}) groups={number}({name}){extra}")
    return 0


@program("ls")
def _ls(call: Call) -> int:
    """Names only: these hosts have few files."""
    given = options(call, flags="la1dhtr")
    status = 0
    for name in given.operands:
        left = name in call.place.host.left and call.place.root
        if left or isinstance(files.read(call.place, name), bytes):
            call.print(name)
        elif not files.is_folder(call.place, name):
            status = call.fail(f"ls: cannot access '{name}': No such file or directory", 2)
    return status
