"""`sha256sum` and `md5sum`: how values are compared that nobody may see."""

from __future__ import annotations

import hashlib

from runbooks.simulator.ssh.getopt import options
from runbooks.simulator.ssh.program import Call, program
from runbooks.simulator.ssh.programs.text import inputs


@program("sha256sum", "md5sum")
def _sum(call: Call) -> int:
    given = options(call, flags="bt", long="binary text")
    status = 0
    for name, content in inputs(call, given.operands):
        if content is None:
            status = 1
        else:
            call.print(f"{hashlib.new(call.name.removesuffix('sum'), content).hexdigest()}  {name}")
    return status
