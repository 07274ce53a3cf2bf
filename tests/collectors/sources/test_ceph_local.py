"""Ceph asked from this machine: the resident program as a process of our own, and which way is tried after it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from collectors.connections import Connections
from collectors.deadline import Deadline, working
from collectors.errors import NotOffered, Refused, SourceError, TooLate
from collectors.request import Ceph
from collectors.site import CephSite, Site
from collectors.sources.base import EVERYWHERE
from collectors.sources.ceph import CephSource
from tests.ceph_host import CephHost, ceph_host


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CephHost]:
    """A host with a monitor; the Python of this machine has the same bindings as that one's."""
    with ceph_host(tmp_path) as running:
        python = tmp_path / "python3"
        python.write_text(
            f"#!/bin/sh\nexec {sys.executable} -u -c \"import sys; sys.path.insert(0, '{tmp_path / 'modules'}'); $4\"\n"
        )
        python.chmod(0o755)
        monkeypatch.setattr("collectors.sources.ceph_pipes.PYTHON", str(python))
        (tmp_path / "ceph.conf").write_text("[global]\n")
        yield running


def connections(host: CephHost, conf: Path, *, mons: bool = True) -> Connections:
    """A site that may be asked from here."""
    made = host.connections()
    assert made.site.ceph is not None
    ceph = replace(made.site.ceph, local=conf, mons=made.site.ceph.mons if mons else ())
    return Connections(replace(made.site, ceph=ceph))


@pytest.fixture
def site(host: CephHost, tmp_path: Path) -> Iterator[Connections]:
    made = connections(host, tmp_path / "ceph.conf")
    yield made
    made.close()


def items(made: Connections, view: str, seconds: float = 15) -> list[dict[str, Any]]:
    with working(Deadline(seconds)) as deadline:
        read = made.source(Ceph(view)).read(Ceph(view), "ceph", deadline, EVERYWHERE)
        return [each for page in read for each in page.items]


def failure(made: Connections, view: str, seconds: float = 15) -> SourceError:
    with pytest.raises(SourceError) as caught:
        items(made, view, seconds)
    return caught.value


def process(made: Connections) -> Any:
    """The program that runs for the first way."""
    source: Any = made.source(Ceph("osds"))
    return source.ways[0]._helpers[0].pipe._process


def test_this_machine_comes_first_and_no_host_is_asked(host: CephHost, site: Connections, tmp_path: Path) -> None:
    osds = items(site, "osds")
    assert [each["osd"] for each in osds] == [0, 1, 2]
    assert {each["via"] for each in osds} == {"rados on this machine"}
    assert (host.answers / "as").read_text() == f"viewer {tmp_path / 'ceph.conf'}"
    items(site, "pools")
    assert host.sessions == []


def test_the_program_is_kept_and_ends_with_the_source(site: Connections) -> None:
    items(site, "flags")
    first = process(site)
    items(site, "pools")
    assert process(site) is first
    assert first.poll() is None
    site.close()
    assert first.poll() is not None


def test_without_the_bindings_here_a_monitor_s_host_is_asked(host: CephHost, tmp_path: Path) -> None:
    python = tmp_path / "python3"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -I -u -c "$4"\n')
    made = connections(host, tmp_path / "ceph.conf")
    try:
        assert {each["via"] for each in items(made, "osds")} == {"rados on ceph01"}
    finally:
        made.close()


@pytest.mark.parametrize("lacking", ["conf", "python"])
def test_what_is_not_there_is_no_failure_of_the_cluster(host: CephHost, tmp_path: Path, lacking: str) -> None:
    (tmp_path / ("ceph.conf" if lacking == "conf" else "python3")).unlink()
    made = connections(host, tmp_path / "ceph.conf", mons=False)
    try:
        error = failure(made, "flags")
        assert isinstance(error, NotOffered)
        assert ("ceph.conf is not there" if lacking == "conf" else "there is no ") in str(error)
    finally:
        made.close()


def test_a_refused_key_is_told(host: CephHost, tmp_path: Path) -> None:
    host.state("refuses")
    made = connections(host, tmp_path / "ceph.conf", mons=False)
    try:
        error = failure(made, "flags")
        assert isinstance(error, Refused)
        assert "client.viewer is not let in" in str(error)
    finally:
        made.close()


def test_one_that_died_is_started_again(host: CephHost, site: Connections) -> None:
    items(site, "flags")
    first = process(site)
    first.kill()
    first.wait()
    host.without("python3")
    assert {each["via"] for each in items(site, "osds")} == {"rados on this machine"}
    assert process(site) is not first


def test_one_that_hangs_is_ended_at_its_deadline(host: CephHost, tmp_path: Path) -> None:
    made = connections(host, tmp_path / "ceph.conf", mons=False)
    try:
        items(made, "flags")
        hung = process(made)
        host.state("hangs")
        assert isinstance(failure(made, "flags", 1.0), TooLate)
        assert hung.poll() is not None
        host.state("hangs", on=False)
        assert not any(flag["set"] for flag in items(made, "flags"))
    finally:
        made.close()


def test_nothing_of_our_environment_is_handed_on(
    host: CephHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OS_PASSWORD", "a secret")
    made = connections(host, tmp_path / "ceph.conf", mons=False)
    try:
        items(made, "flags")
        told = Path(f"/proc/{process(made).pid}/environ").read_bytes()
        assert b"a secret" not in told
        assert b"LC_ALL=C.UTF-8" in told
    finally:
        made.close()


def test_only_where_the_site_says_so() -> None:
    """A ceph.conf that happens to lie in /etc/ceph may be another cluster's."""
    assert CephSource(Site("x", ceph=CephSite(()))).ways == []
    ways = CephSource(Site("x", ceph=CephSite((), local=Path(os.devnull)))).ways
    assert [way.title for way in ways] == ["rados on this machine"]
