"""Runs python-openstackclient commands given on stdin (JSON lists of argument lists, one a
line); prints what each printed.

One process for many commands: starting the client costs more than a second each time.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys


def main() -> None:
    from openstackclient import shell

    for line in sys.stdin:
        answers = []
        for arguments in json.loads(line):
            out, err = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                status = shell.OpenStackShell().run(arguments)
            answers.append({"status": status, "out": out.getvalue(), "err": err.getvalue()})
        sys.stdout.write(json.dumps(answers) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
