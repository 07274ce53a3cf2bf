"""OSC 52, bare and through multiplexers."""

from __future__ import annotations

import base64
import re

import pytest

from views.clipboard import MOST, Multiplexer, fits, multiplexer, osc52


def payload(sequence: str) -> str:
    found = re.search(r"52;c;([A-Za-z0-9+/=]*)", sequence)
    assert found is not None
    return base64.b64decode(found[1]).decode()


@pytest.mark.parametrize("between", ["", "tmux"])
@pytest.mark.parametrize("text", ["web-1", "数据\n", "", "x" * 5000])
def test_what_goes_in_comes_out(text: str, between: Multiplexer) -> None:
    assert payload(osc52(text, between)) == text


def test_bare() -> None:
    assert osc52("a") == "\x1b]52;c;YQ==\x07"


def test_tmux_gets_it_bare_and_wrapped() -> None:
    assert osc52("a", "tmux") == "\x1b]52;c;YQ==\x07\x1bPtmux;\x1b\x1b]52;c;YQ==\x07\x1b\\"


def test_screen_gets_short_pieces() -> None:
    sequence = osc52("x" * 5000, "screen")
    pieces = re.findall(r"\x1bP(.*?)\x1b\\", sequence, re.S)
    assert all(len(piece) < 768 for piece in pieces)
    assert payload("".join(pieces)) == "x" * 5000


def test_what_stands_between() -> None:
    assert multiplexer({"TMUX": "/tmp/x,1,0"}) == "tmux"
    assert multiplexer({"STY": "1.tty"}) == "screen"
    assert multiplexer({"TMUX": ""}) == ""


def test_how_much_fits() -> None:
    assert fits("x" * (MOST // 4 * 3 - 3))
    assert not fits("x" * MOST)


def test_a_lone_surrogate_does_no_harm() -> None:
    assert payload(osc52("a\ud800b")) == "a?b"
