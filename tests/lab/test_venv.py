"""OpenStack's environment: what of this machine's pip holds while it is made."""

from __future__ import annotations

from pathlib import Path

from runbooks.lab.venv import REQUIREMENTS, named_paths, uv_settings

SERVICES = (
    *("keystone", "openstack-placement", "glance", "nova", "neutron", "cinder"),
    *("openstack-heat", "barbican", "designate", "manila", "octavia"),
)


def test_an_index_of_pip_becomes_one_of_uv() -> None:
    listed = "\n".join(
        [
            "global.index-url='https://mirror.example/simple'",
            "global.extra-index-url='https://a.example/simple https://b.example/simple'",
            ":env:.find-links='/srv/wheels'",
            "global.cert='/etc/ssl/own.pem'",
            "install.no-index='true'",
        ]
    )
    assert uv_settings(listed) == {
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
        "UV_INDEX": "https://a.example/simple https://b.example/simple",
        "UV_FIND_LINKS": "/srv/wheels",
        "UV_NO_INDEX": "1",
        "SSL_CERT_FILE": "/etc/ssl/own.pem",
    }


def test_without_settings_uv_is_only_told_to_choose_as_pip_does() -> None:
    assert uv_settings("") == {"UV_INDEX_STRATEGY": "unsafe-best-match"}


def test_folders_that_settings_name_are_shown(tmp_path: Path) -> None:
    for name in ("mirror/simple", "wheels"):
        (tmp_path / name).mkdir(parents=True)
    texts = [f"extra-index-url = file://{tmp_path}/mirror/simple", f"{tmp_path}/wheels", f"{tmp_path}/missing"]
    found = named_paths(texts)
    assert f"{tmp_path}/mirror" in found
    assert f"{tmp_path}/wheels" in found
    assert f"{tmp_path}/missing" not in found


def test_the_releases_are_pinned() -> None:
    here = Path(__file__).resolve().parents[2] / "runbooks" / "lab"
    lines = [line for name in REQUIREMENTS for line in (here / name).read_text().splitlines()]
    for service in SERVICES:
        assert any(line.startswith(f"{service}==") for line in lines), service
