"""Stand-ins for modules that a library hardly ever uses: not imported at once, whole when they are used."""

from __future__ import annotations

import subprocess
import sys

import pytest

from collectors.sources.later import postponed
from tests.ground import ROOT


def python(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    return done.stdout.strip()


def test_a_module_is_imported_when_something_of_it_is_used() -> None:
    code = """
import sys
from collectors.sources.later import postponed
with postponed("colorsys"):
    import colorsys as used_by_a_library
print("colorsys" in sys.modules)
print(used_by_a_library.rgb_to_hls(0, 0, 0))
import colorsys
print(colorsys is not used_by_a_library, "rgb_to_hls" in vars(colorsys))
"""
    assert python(code).splitlines() == ["False", "(0.0, 0.0, 0.0)", "True True"]


def test_what_is_not_installed_is_missing_as_it_would_be() -> None:
    with postponed("no_such_module_anywhere"), pytest.raises(ModuleNotFoundError):
        __import__("no_such_module_anywhere")


def test_what_was_imported_before_is_the_module_itself() -> None:
    import textwrap

    with postponed("textwrap"):
        import textwrap as again
    assert again is textwrap


def test_other_threads_find_a_package_meanwhile() -> None:
    code = """
import sys
from collectors.sources.later import postponed
with postponed("html"):
    import html as used_by_a_library
    from html.entities import html5
print(html5["amp"], used_by_a_library.escape("<"))
"""
    assert python(code) == "& &lt;"


def test_requests_guesses_encodings_and_knows_its_versions_as_ever() -> None:
    code = """
import sys
import collectors.sources.http
print("charset_normalizer" in sys.modules)
import requests
found = requests.Response()
found._content = "Übergröße".encode("utf-16")
print(requests.charset_normalizer_version == __import__("charset_normalizer").__version__)
print(found.apparent_encoding.lower().replace("_", "-"))
"""
    assert python(code).splitlines() == ["False", "True", "utf-16"]


def test_keystoneauth_writes_addresses_as_ever() -> None:
    code = """
import sys
from collectors.site import Site
from collectors.sources.later import postponed
with postponed("netaddr"):
    from keystoneauth1 import session
print("netaddr" in sys.modules)
import netaddr
print(session._JSONEncoder().encode({"ip": netaddr.IPAddress("10.0.0.1")}))
"""
    assert python(code).splitlines() == ["False", '{"ip": "10.0.0.1"}']
