"""The hosts' shell against the real bash and dash of this machine: same output, same exit status, same complaints."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.simulator.ssh.conftest import Run

_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/home/kolla"}

LINES = [
    "echo a b   c",
    "echo 'a  b' \"c  d\" e\\ f",
    "echo \"it's\" 'say \"x\"' \"a\\\"b\\\\c\\$d\"",
    "echo a; echo b;",
    "echo a & wait $!; echo $?",
    "false & p=$!; wait \"$p\"; echo $?",
    "exec 3<&0; echo a 3<&- </dev/null & wait $!; exec 3<&-; echo b",
    "sh -c 'printf \"%s|\" \"$@\" $#' sh 'a b' c",
    "printf 'x y\\nz\\n' | (read -r line; echo \"[$line]\" $?)",
    "read -r line </dev/null; echo $?",
    "true && echo yes || echo no",
    "false && echo yes || echo no",
    "false || false || echo third",
    "! true; echo $?",
    "! false && echo $?",
    "false; echo $? $?",
    "(exit 7); echo $?",
    "exit 300",
    "echo out; exit 5; echo never",
    "{ echo a; echo b; } | wc -l",
    "(echo a; echo b >&2) 2>&1 | sort -r",
    "echo gone >/dev/null; echo stays",
    "echo gone 1>/dev/null 2>&1; echo $?",
    "frob 2>/dev/null; echo $?",
    "cat /nonexistent 2>/dev/null || echo failed $?",
    "cat </dev/null | wc -c",
    "x=1; y=\"$x 2\"; echo $y ${x}3 \"${y}\" '$x'",
    "x=$(echo a; echo b); echo $x; echo \"$x\"; echo ${#x}",
    "x='a  b'; set -- 2>/dev/null; echo $x \"$x\" [$x]",
    "x=$(false); echo $?",
    "echo $(echo \"a b\") \"$(echo 'c  d')\"",
    "a=1 b=2; echo $a$b",
    "echo \\$HOME \\\\ \\a",
    "echo a#b # comment",
    "printf '%s\\n' one two 'three four'",
    "printf '%s-%s\\n' 1 2 3",
    "printf '\\n%s %s %s\\n' mark 3 0",
    "printf 'a\\tb\\101\\0101\\x41\\\\n\\n'",
    "printf '%5d|%-5d|%05d|%x|%o|%c|%%\\n' 42 42 42 255 8 hello",
    "printf '%b|%s\\n' 'a\\tb\\0101' 'a\\tb'",
    "printf '%.3s|%10.2s|\\n' abcdef xyz",
    "printf '%d\\n' abc; echo $?",
    "printf 'no newline'",
    "echo -n a; echo -e 'b\\tc\\0101'; echo -E 'd\\te'",
    "printf 'b\\na\\nc\\na\\n' | sort",
    "printf 'b\\na\\nc\\na\\n' | sort -u -r",
    "printf '10\\n9\\n100\\n' | sort -n",
    "printf '10\\n9\\n100\\n' | sort",
    "printf 'x 3\\ny 1\\nz 2\\n' | sort -k2 -n",
    "printf 'a:3\\nb:1\\n' | sort -t: -k2",
    "printf 'a\\na\\nb\\n' | uniq -c",
    "printf '1\\n2\\n3\\n4\\n' | head -n 2",
    "printf '1\\n2\\n3\\n4\\n' | head -2",
    "printf '1\\n2\\n3\\n4\\n' | head -n -1",
    "printf '1\\n2\\n3\\n4\\n' | head -c 3",
    "printf '1\\n2\\n3\\n4\\n' | tail -n 2",
    "printf '1\\n2\\n3\\n4\\n' | tail -n +3",
    "printf '1\\n2' | wc -l",
    "printf 'a b\\nc\\n' | wc",
    "printf 'a b\\nc\\n' | wc -w -l",
    "printf 'foo\\nbar\\nFoobar\\n' | grep foo",
    "printf 'foo\\nbar\\nFoobar\\n' | grep -i -c foo",
    "printf 'foo\\nbar\\n' | grep -v foo",
    "printf 'foo\\nbar\\n' | grep -q nothing; echo $?",
    "printf 'foo\\nbar\\n' | grep -E '^(f|b)o?'",
    "printf 'f|b\\nfb\\n' | grep 'f|b'",
    "printf 'fxb\\nfb\\n' | grep 'f\\(x\\|y\\)b'",
    "printf 'a1\\nb\\n' | grep '[[:digit:]]'",
    "printf 'a.b\\naxb\\n' | grep -F a.b",
    "printf 'one two\\n' | grep -o -E '[a-z]+'",
    "printf 'one\\none two\\n' | grep -n -x one",
    "printf 'cat\\nconcat\\n' | grep -w cat",
    "printf 'x\\n' | grep x - /nonexistent 2>/dev/null; echo $?",
    "printf 'a:b:c\\nno\\n' | cut -d: -f2",
    "printf 'a:b:c:d\\n' | cut -d: -f1,3-",
    "printf 'abcdef\\n' | cut -c2-4",
    "printf 'a b  c\\n' | awk '{print $2}'",
    "printf 'a b  c\\n' | awk '{print $1, $NF}'",
    "printf 'a b\\n' | awk '{print $2 \"-\" $1 $9}'",
    "printf 'h\\na 1\\nb 2\\n' | awk 'NR>1 {print $2}'",
    "printf 'a:1\\nb:2\\n' | awk -F: '/b/ {print $2}'",
    "printf 'a b c\\n' | awk '{print NF}'",
    "sh -c 'echo in; exit 3'; echo $?",
    "sh -c \"frob\" 2>/dev/null; echo $?",
    "command -v echo; command -v frobnicate; echo $?",
    "env A=1 sh -c 'echo $A'",
    "A=2 sh -c 'echo $A'; echo \"[$A]\"",
    "exec sh -c 'exit 4'",
    "timeout 5 echo hi; echo $?",
    "test a = a && [ 3 -gt 2 ] && [ -n x ] && echo holds",
    "[ 1 -eq 2 ]; echo $?",
    "[ ! -e /nonexistent ] && echo none",
    "echo 'a\nb' | wc -l",
    "echo a | cat | cat -",
    "echo b && echo c | cat; echo d",
    "true | false; echo $?",
    "echo x | (cat; echo y)",
    "echo >&2 complaint",
    "echo \"a\nb\" c",
    "  ",
    "# only a comment",
]  # fmt: skip


def _real(shell: str, line: str) -> subprocess.CompletedProcess[bytes]:
    found = shutil.which(shell)
    assert found, f"{shell} is needed to compare with"
    return subprocess.run(
        [found, "-c", line], capture_output=True, env=_ENVIRONMENT, stdin=subprocess.DEVNULL, timeout=20, check=False
    )


@pytest.mark.parametrize("line", LINES)
def test_output_and_status_are_those_of_bash(line: str, run: Run) -> None:
    wanted = _real("bash", line)
    found = run(line)
    assert (found.out, found.status) == (wanted.stdout.decode(), wanted.returncode)


@pytest.mark.parametrize(
    "line",
    [
        "frob",
        "frob -x | cat",
        "/nonexistent/frob",
        "echo 'unfinished",
        "echo ;; b",
        "| b",
        "echo a &&",
        "(echo a",
        "exit abc",
        "cat /nonexistent",
        "grep",
        "head -n x /dev/null",
        "tail -n x /dev/null",
        "cut",
        "sort -Q",
        "wc -Q",
        "head /nonexistent",
        "echo a >&7",
        "type frob",
        "timeout x true",
        "timeout 1",
        "env frob",
    ],
)
def test_complaints_are_those_of_bash(line: str, run: Run) -> None:
    wanted = _real("bash", line)
    found = run(line)
    # bash names the place it was called from in front of its own words
    assert (found.err, found.status) == (wanted.stderr.decode().replace("/usr/bin/bash:", "bash:"), wanted.returncode)


@pytest.mark.parametrize("line", ["frob", "echo 'unfinished", "echo a &&", ";; x", "(echo a", "exit abc", "/none/frob"])
def test_sh_complains_as_dash_does(line: str, run: Run) -> None:
    wanted = _real("dash", line)
    quoted = line.replace("'", "'\\''")
    found = run(f"sh -c '{quoted}'")
    assert (found.err, found.status) == (
        wanted.stderr.decode().replace("/usr/bin/dash:", "sh:").replace("dash:", "sh:"),
        wanted.returncode,
    )
