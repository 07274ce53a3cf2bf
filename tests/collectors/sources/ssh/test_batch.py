"""Batches: the line is safe in any shell, and whatever the streams carry comes apart into the right pieces."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.sources.batch import Replies, command_line, new_word, quoted, rendered
from collectors.sources.entries import Command, Entry, command


def made(*words: str, limit: int = 10_000, **fields: object) -> Command:
    return Command(words[0], Entry(command=words, parser="text.line", limit=limit, **fields), words)  # type: ignore[arg-type]


def run(commands: list[Command], shell: str = "/bin/sh") -> Replies:
    """Run the batch by a real shell of this machine."""
    replies = Replies(commands, new_word())
    line = command_line([rendered(each, root=False, sudo=False) for each in commands], replies.word)
    ran = subprocess.run([shell, "-c", line], capture_output=True, stdin=subprocess.DEVNULL, timeout=20, check=False)
    replies.feed(ran.stdout)
    replies.feed_errors(ran.stderr)
    replies.close()
    return replies


@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/bash"])
def test_output_errors_and_status_of_each(shell: str) -> None:
    found = run(
        [made("echo", "one"), made("sh", "-c", "echo two; echo bad >&2; exit 3"), made("frobnicate"), made("true")],
        shell,
    )
    assert found.complete
    assert [(reply.status, reply.out) for reply in found.replies] == [
        (0, b"one\n"),
        (3, b"two\n"),
        (127, b""),
        (0, b""),
    ]
    assert found.replies[1].err == b"bad\n"
    assert b"frobnicate" in found.replies[2].err


def test_words_are_never_interpreted() -> None:
    nasty = [
        "$(echo no)",
        "`echo no`",
        "a'b",
        "'; echo no; '",
        "$HOME",
        "a b",
        "*",
        "\\n",
        '"',
        "~",
        "!",
        "#x",
        "",
        "|",
        "&",
    ]
    found = run([made("printf", "%s|", *nasty)])
    assert found.replies[0].out.decode() == "".join(f"{word}|" for word in nasty)


@pytest.mark.parametrize("word", ["a\nb", "a\0b"])
def test_what_no_shell_can_carry_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="neither NUL nor newline"):
        quoted(word)


def test_the_environment_is_plain() -> None:
    found = run([made("sh", "-c", "echo $LC_ALL $TZ; echo $PATH")])
    first, path = found.replies[0].out.decode().splitlines()
    assert first == "C UTC"
    assert path.endswith(":/usr/sbin:/sbin")


def test_a_missing_program_that_is_needed_is_skipped_without_running_sudo() -> None:
    found = run([made("frobnicate", "ps", needs="frobnicate", sudo="always"), made("echo", "next")])
    assert (found.replies[0].status, found.replies[0].err, found.replies[1].out) == (127, b"", b"next\n")


@pytest.mark.parametrize(
    ("sudo", "root", "asked", "prefix"),
    [
        ("never", False, True, "'docker'"),
        ("always", False, False, "sudo -n 'docker'"),
        ("always", True, False, "'docker'"),
        ("when-refused", False, False, "'docker'"),
        ("when-refused", False, True, "sudo -n 'docker'"),
        ("when-refused", True, True, "'docker'"),
    ],
)
def test_sudo_is_used_where_the_entry_says(sudo: str, root: bool, asked: bool, prefix: str) -> None:
    assert rendered(made("docker", "ps", sudo=sudo), root=root, sudo=asked) == f"{prefix} 'ps'"


def test_what_the_login_shell_prints_before_is_no_output_of_ours() -> None:
    commands = [made("echo", "one")]
    found = Replies(commands, "word")
    found.feed(b"Welcome!\nnot ours\n\nword start 0\none\n\nword 0 0\n")
    assert (found.noise, found.replies[0].out) == (b"Welcome!\nnot ours\n", b"one\n")


def test_a_line_that_looks_like_a_mark_is_output() -> None:
    found = run([made("printf", "\\nnephoscope-%s 0 0\\n", "0" * 32), made("echo", "next")])
    assert found.replies[0].out == b"\nnephoscope-" + b"0" * 32 + b" 0 0\n"
    assert found.replies[1].out == b"next\n"


def test_too_much_output_is_dropped_and_the_next_command_is_still_read() -> None:
    found = run([made("head", "-c", "300000", "/dev/zero", limit=1000), made("echo", "next")])
    assert (len(found.replies[0].out), found.replies[0].size, found.replies[0].truncated) == (1000, 300_000, True)
    assert found.replies[1].out == b"next\n"


def test_a_batch_that_ends_early_keeps_what_was_done() -> None:
    found = Replies([made("a"), made("b"), made("c")], "word")
    found.feed(b"\nword start 0\nfirst\n\nword 0 0\nsecond so far")
    found.feed_errors(b"\nword 0\nwarned")
    found.close()
    assert not found.complete
    assert [(reply.status, reply.out, reply.err) for reply in found.replies] == [
        (0, b"first\n", b""),
        (None, b"second so far", b"warned"),
        (None, b"", b""),
    ]


@settings(max_examples=200, deadline=None)
@given(
    outputs=st.lists(
        st.tuples(st.binary(max_size=80), st.binary(max_size=40), st.integers(0, 255)), min_size=1, max_size=4
    ),
    cuts=st.lists(st.integers(1, 30), max_size=40),
)
def test_any_bytes_cut_anywhere_come_apart_the_same(outputs: list[tuple[bytes, bytes, int]], cuts: list[int]) -> None:
    word = new_word()
    commands = [made("x", limit=60) for _ in outputs]
    out, err = f"\n{word} start 0\n".encode(), b""
    for number, (text, complaint, status) in enumerate(outputs):
        out += text + f"\n{word} {number} {status}\n".encode()
        err += complaint + f"\n{word} {number}\n".encode()
    found = Replies(commands, word)
    for stream, feed in ((out, found.feed), (err, found.feed_errors)):
        at = 0
        for cut in [*cuts, len(stream)]:
            feed(stream[at : at + cut])
            at += cut
    assert found.complete
    assert [(r.out, r.err, r.status, r.size) for r in found.replies] == [
        (text[:60], complaint, status, len(text)) for text, complaint, status in outputs
    ]


def test_an_entry_with_input_is_fed_by_a_pipe() -> None:
    found = command("haproxy-stat socket=/run/a.sock")
    line = rendered(found, root=False, sudo=True)
    assert line == "printf '%s\\n' 'show stat' | sudo -n 'socat' '-t3' '-' 'UNIX-CONNECT:/run/a.sock'"


def boxed(folder: Path, *programs: str, root: bool = False, sudo: bool = False) -> tuple[int | None, str]:
    """(exit status, output) of a command with a container on a machine that has only these programs."""
    for name in programs:
        path = folder / name
        path.write_text(f'#!/bin/sh\necho {name} "$@"\n')
        path.chmod(0o755)
    command = made("frobnicate", "a b", container="the_box", sudo="when-refused")
    replies = Replies([command], new_word())
    line = command_line([rendered(command, root=root, sudo=sudo)], replies.word)
    shell = shutil.which("sh") or "/bin/sh"
    # only shell builtins and the programs above: `exec sh` of the line needs one link
    (folder / "sh").symlink_to(shell)
    ran = subprocess.run([shell, "-c", line], capture_output=True, env={"PATH": str(folder)}, timeout=20, check=False)
    replies.feed(ran.stdout)
    replies.feed_errors(ran.stderr)
    return replies.replies[0].status, replies.replies[0].out.decode().strip()


@pytest.mark.parametrize(
    ("programs", "flags", "status", "out"),
    [
        (("frobnicate", "docker"), {}, 0, "frobnicate a b"),
        (("docker", "podman"), {}, 0, "docker exec the_box frobnicate a b"),
        (("docker", "sudo"), {"sudo": True}, 0, "sudo -n docker exec the_box frobnicate a b"),
        (("docker", "sudo"), {"sudo": True, "root": True}, 0, "docker exec the_box frobnicate a b"),
        (("podman", "sudo"), {}, 0, "sudo -n podman exec the_box frobnicate a b"),
        (("podman",), {"root": True}, 0, "podman exec the_box frobnicate a b"),
        ((), {}, 127, ""),
    ],
)
def test_a_program_that_only_a_container_has(
    tmp_path: Path, programs: tuple[str, ...], flags: dict[str, bool], status: int, out: str
) -> None:
    assert boxed(tmp_path, *programs, **flags) == (status, out)
