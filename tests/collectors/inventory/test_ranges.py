"""Host ranges: examples of the documented forms, properties over many, and what malformed ones are told."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.inventory.ranges import expand, hosts_of


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("ctl01", ["ctl01"]),
        ("ctl[01:03]", ["ctl01", "ctl02", "ctl03"]),
        ("ctl[1:3]", ["ctl1", "ctl2", "ctl3"]),
        ("ctl[8:11]", ["ctl8", "ctl9", "ctl10", "ctl11"]),
        ("ctl[08:11]", ["ctl08", "ctl09", "ctl10", "ctl11"]),
        ("rack[a:c]", ["racka", "rackb", "rackc"]),
        ("rack[X:Z].example.org", ["rackX.example.org", "rackY.example.org", "rackZ.example.org"]),
        ("rack[y:B]", ["racky", "rackz", "rackA", "rackB"]),
        ("n[1:9:3]", ["n1", "n4", "n7"]),
        ("n[01:10:4]", ["n01", "n05", "n09"]),
        ("n[a:g:3]", ["na", "nd", "ng"]),
        ("n[:2]", ["n0", "n1", "n2"]),
        ("n[5:5]", ["n5"]),
        ("r[a:b]-n[1:2]", ["ra-n1", "ra-n2", "rb-n1", "rb-n2"]),
        ("10.0.[1:2].[10:11]", ["10.0.1.10", "10.0.1.11", "10.0.2.10", "10.0.2.11"]),
        ("[1:2]", ["1", "2"]),
        ("[01:02]ctl", ["01ctl", "02ctl"]),
    ],
)
def test_expands(pattern: str, names: list[str]) -> None:
    assert expand(pattern) == names


@pytest.mark.parametrize(
    ("pattern", "names", "port"),
    [
        ("ctl01:2222", ["ctl01"], 2222),
        ("10.0.0.1:22", ["10.0.0.1"], 22),
        ("ctl[01:02]:2222", ["ctl01", "ctl02"], 2222),
        ("[fd00::11]:2222", ["fd00::11"], 2222),
        ("fd00::11", ["fd00::11"], None),
        ("::1", ["::1"], None),
        ("ctl_01.example-net.org:22", ["ctl_01.example-net.org"], 22),
        ("kolla@ctl01:22", ["kolla@ctl01:22"], None),
    ],
)
def test_ports(pattern: str, names: list[str], port: int | None) -> None:
    assert hosts_of(pattern) == (names, port)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("ctl[01:03", "brackets"),
        ("ctl01:03]", "brackets"),
        ("ctl]01[", "brackets"),
        ("ctl[]", "no range"),
        ("ctl[5]", "no range"),
        ("ctl[1:2:3:4]", "no range"),
        ("ctl[1:]", "no end"),
        ("ctl[3:1]", "backwards"),
        ("ctl[c:a]", "backwards"),
        ("ctl[a:3]", "neither a number nor one letter"),
        ("ctl[1:z]", "neither a number nor one letter"),
        ("ctl[ab:cd]", "neither a number nor one letter"),
        ("ctl[-1:3]", "neither a number nor one letter"),
        ("ctl[1:3:0]", "at least 1"),
        ("ctl[1:3:x]", "neither a number nor one letter"),
        ("ctl[01:100]", "as many digits"),
        ("ctl[1:9999999]", "more than 100,000 hosts"),
        ("ctl[1:999999999999999999999]", "neither a number"),
        ("n[1:1000][1:1000]", "more than 100,000 hosts"),
        ("ctl[①:③]", "neither a number"),
    ],
)
def test_refuses(pattern: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        expand(pattern)


def test_a_colon_without_a_port_is_refused() -> None:
    with pytest.raises(ValueError, match="wants a port"):
        hosts_of("ctl01:")


plain = st.text(string.ascii_letters + string.digits + ".-_", max_size=6)


@given(plain, st.integers(0, 500), st.integers(0, 60), st.integers(1, 9), plain)
def test_numbers_run_from_begin_to_end(head: str, begin: int, length: int, stride: int, tail: str) -> None:
    end = begin + length
    names = expand(f"{head}[{begin}:{end}:{stride}]{tail}")
    assert names == [f"{head}{number}{tail}" for number in range(begin, end + 1, stride)]


@given(st.integers(0, 400), st.integers(0, 60), st.integers(4, 6))
def test_leading_zeros_fix_the_width(begin: int, length: int, width: int) -> None:
    names = expand(f"[{begin:0{width}d}:{begin + length:0{width}d}]")
    assert {len(name) for name in names} == {width}
    assert [int(name) for name in names] == list(range(begin, begin + length + 1))


@given(st.sampled_from(string.ascii_letters), st.sampled_from(string.ascii_letters))
def test_letters_run_in_the_order_of_the_alphabet(begin: str, end: str) -> None:
    first, last = string.ascii_letters.index(begin), string.ascii_letters.index(end)
    if first > last:
        with pytest.raises(ValueError, match="backwards"):
            expand(f"[{begin}:{end}]")
    else:
        assert "".join(expand(f"[{begin}:{end}]")) == string.ascii_letters[first : last + 1]


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_several_ranges_make_the_product(sizes: list[int]) -> None:
    names = expand("-".join(f"[1:{size}]" for size in sizes))
    product = 1
    for size in sizes:
        product *= size
    assert len(set(names)) == len(names) == product
    assert names == sorted(names, key=lambda name: [int(part) for part in name.split("-")])


@given(st.text("ctl[]:0123ab-", max_size=14))
def test_anything_either_expands_or_says_why(pattern: str) -> None:
    try:
        names, _ = hosts_of(pattern)
    except ValueError as error:
        said = str(error)
    else:
        said = "" if any("[" in name or "]" in name for name in names) else "expanded"
    assert said


@given(plain.filter(bool), st.integers(1, 65535))
def test_a_port_is_taken_off_whatever_the_name(name: str, port: int) -> None:
    assert hosts_of(f"{name}:{port}") == ([name], port)
