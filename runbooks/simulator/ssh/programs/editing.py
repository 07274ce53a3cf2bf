"""`sed -i s/…/…/` and `rm`, on what may be changed of a host: grastate.dat, cinder.conf, what somebody left there."""

from __future__ import annotations

import re

from runbooks.simulator.ssh import cinder_files, files, galera_files
from runbooks.simulator.ssh.program import Call, decode, program

_WRITABLE = {galera_files.STATE: galera_files.write, cinder_files.CONFIG: cinder_files.write}
_SUBSTITUTE = re.compile(r"s/((?:[^/\\]|\\.)*)/((?:[^/\\]|\\.)*)/")


@program("sed")
def _sed(call: Call) -> int:
    """`sed [-i] s/REGEX/TEXT/ FILE…`."""
    words = call.args
    inside = words[:1] in (["-i"], ["--in-place"])
    words = words[1:] if inside else words
    if not words:
        return call.fail("Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...")
    script = _SUBSTITUTE.fullmatch(words[0])
    if script is None:
        return call.fail(f"sed: -e expression #1, char 1: unknown command: `{words[0][:1]}'")
    status = 0
    for name in words[1:]:
        found = files.read(call.place, name)
        if isinstance(found, str):
            status = call.fail(f"sed: can't read {name}: {found}", 2)
            continue
        text = "".join(re.sub(script[1], script[2], line, count=1) for line in decode(found).splitlines(keepends=True))
        if not inside:
            call.print(text, end="")
        elif name in _WRITABLE and call.place.root:
            _WRITABLE[name](call.place, text)
        else:
            status = call.fail(f"sed: couldn't open temporary file {name}.tmp: Permission denied", 4)
    return status


@program("rm")
def _rm(call: Call) -> int:
    """`rm [-f] [--] FILE…`."""
    forced = "-f" in call.args
    status = 0
    for name in [word for word in call.args if not word.startswith("-")]:
        if name in call.place.host.left and call.place.root:
            del call.place.host.left[name]
            call.place.cloud.wrote(f"ssh:{call.place.host.name}", f"rm {name}", call.place.account.name, "exit 0")
            call.place.cloud.settle()
            continue
        found = files.read(call.place, name)
        if isinstance(found, str):
            if not (forced and found == files.NO_FILE):
                status = call.fail(f"rm: cannot remove '{name}': {found}")
        elif name == galera_files.STATE and call.place.root:
            galera_files.remove(call.place)
        else:
            status = call.fail(f"rm: cannot remove '{name}': Permission denied")
    return status
