"""`nephoscope completion bash|zsh|fish`: a script for the shell, made from the tables of commands and kinds."""

from __future__ import annotations

import argparse
from typing import Any

from collectors.registry import entries
from console.cli.exits import Exit
from console.cli.frame import COMMANDS

_BASH = """\
# nephoscope completion for bash: eval "$(nephoscope completion bash)"
_nephoscope() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} word command=""
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case " {commands} " in *" $word "*) command=$word; break;; esac
  done
  case $prev in
    -o|--output) COMPREPLY=($(compgen -W "table json yaml csv" -- "$cur")); return;;
    get|describe) COMPREPLY=($(compgen -W "{kinds}" -- "$cur")); return;;
    simulator) COMPREPLY=($(compgen -W "up down status fault clock" -- "$cur")); return;;
    fault) COMPREPLY=($(compgen -W "list inject undo" -- "$cur")); return;;
    journal) COMPREPLY=($(compgen -W "show verify export" -- "$cur")); return;;
    --format) COMPREPLY=($(compgen -W "markdown shell" -- "$cur")); return;;
    approve|--key) COMPREPLY=($(compgen -f -- "$cur")); return;;
    completion) COMPREPLY=($(compgen -W "bash zsh fish" -- "$cur")); return;;
  esac
  case $cur in
    -*) COMPREPLY=($(compgen -W "{options}" -- "$cur"));;
    *) [ -n "$command" ] || COMPREPLY=($(compgen -W "{commands}" -- "$cur"));;
  esac
}}
complete -F _nephoscope nephoscope
"""

_ZSH = """\
# nephoscope completion for zsh: eval "$(nephoscope completion zsh)"
_nephoscope() {{
  local -a commands kinds
  commands=({command_pairs})
  kinds=({kind_pairs})
  case $words[CURRENT-1] in
    -o|--output) _values format table json yaml csv; return;;
    get|describe) _describe kind kinds; return;;
    simulator) _values action up down status fault clock; return;;
    fault) _values what list inject undo; return;;
    journal) _values action show verify export; return;;
    --format) _values format markdown shell; return;;
    approve|--key) _files; return;;
    completion) _values shell bash zsh fish; return;;
  esac
  _arguments '--cloud[the cloud]:cloud' '--region[the region]:region' '--read-only[change nothing]' '*:: :->rest'
  [ $CURRENT -le 2 ] && _describe command commands
}}
compdef _nephoscope nephoscope
"""

_OPTIONS = "--cloud --region --read-only --ascii --timeout --help --output --columns --sort --wide --no-headers"


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of `completion`."""
    parser.add_argument("shell", choices=("bash", "zsh", "fish"))


def _pair(name: str, about: str) -> str:
    plain = about.replace("'", "’").replace(":", " ")
    return f"'{name}:{plain}'"


def _fish() -> str:
    lines = ["# nephoscope completion for fish: nephoscope completion fish | source", "complete -c nephoscope -f"]
    none = "not __fish_seen_subcommand_from " + " ".join(COMMANDS)
    for name, about in COMMANDS.items():
        plain = about.replace("'", "’")
        lines.append(f"complete -c nephoscope -n '{none}' -a {name} -d '{plain}'")
    for entry in entries().values():
        plain = entry.about.replace("'", "’")
        lines.append(
            f"complete -c nephoscope -n '__fish_seen_subcommand_from get describe' -a {entry.name} -d '{plain}'"
        )
    lines.append("complete -c nephoscope -n '__fish_seen_subcommand_from journal' -a 'show verify export'")
    lines.append("complete -c nephoscope -n '__fish_seen_subcommand_from approve' -F")
    lines += [f"complete -c nephoscope -l {option[2:]}" for option in _OPTIONS.split()]
    return "\n".join(lines) + "\n"


def script(shell: str) -> str:
    """The completion script for `shell`."""
    if shell == "fish":
        return _fish()
    known = list(entries().values())
    return (_BASH if shell == "bash" else _ZSH).format(
        commands=" ".join(COMMANDS),
        kinds=" ".join(e.name for e in known),
        options=_OPTIONS,
        command_pairs=" ".join(_pair(n, a) for n, a in COMMANDS.items()),
        kind_pairs=" ".join(_pair(e.name, e.about) for e in known),
    )


def run(options: Any) -> Exit:
    """Print the script."""
    print(script(options.shell), end="")
    return Exit.DONE
