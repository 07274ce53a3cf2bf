"""What a shell says when it cannot do something, in bash's words and in dash's. Pure."""

from __future__ import annotations

from runbooks.simulator.ssh.program import Dialect
from runbooks.simulator.ssh.syntax import ShellSyntaxError


def complaint(dialect: Dialect, text: str, *, interactive: bool) -> str:
    """`text` behind the shell's name."""
    if dialect == "sh":
        return f"sh: 1: {text}"
    return f"-bash: {text}" if interactive else f"bash: line 1: {text}"


def not_found(dialect: Dialect, name: str) -> str:
    """About a command that is not there."""
    if dialect == "sh":
        return f"{name}: not found"
    return f"{name}: {'No such file or directory' if '/' in name else 'command not found'}"


def syntax_words(dialect: Dialect, line: str, problem: ShellSyntaxError, *, interactive: bool) -> str:
    """About a line that is no command."""
    if dialect == "sh":
        if problem.quote:
            return "sh: 1: Syntax error: Unterminated quoted string\n"
        token = f'"{problem.token}"' if problem.token else "end of file"
        expecting = f' (expecting "{problem.expecting}")' if problem.expecting else ""
        return f"sh: 1: Syntax error: {token} unexpected{expecting}\n"
    at = "-bash: " if interactive else "bash: -c: "
    if problem.quote:
        return f"{at}line 1: unexpected EOF while looking for matching `{problem.quote}'\n"
    if not problem.token:
        return f"{at}line 2: syntax error: unexpected end of file\n"
    return f"{at}line 1: syntax error near unexpected token `{problem.token}'\n{at}line 1: `{line}'\n"
