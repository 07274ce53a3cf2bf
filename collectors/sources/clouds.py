"""clouds.yaml, secure.yaml, vendor profiles and OS_* variables, read by openstacksdk's own loader.

The SDK package imports all of its 21 services when it is imported (240 ms measured); its `config` sub-package needs
none of them. So the loader is imported on its own first, which leaves 100 ms, nearly all of it keystoneauth, which we
need anyway. The SDK's real package, and what was left out for it, can still be imported later.
"""

from __future__ import annotations

import importlib.util
import logging
import sys
import types
import warnings
from typing import Any

from collectors.errors import BadConfiguration
from collectors.sources.later import Later, postponed
from collectors.whole import IMPORTING, whole

_loaded: list[Any] = []
_UNUSED = "openstack.proxy"
"""What the loader imports for the SDK's own connections, with all of its resources; nothing of it is used here."""


def _loader() -> Any:
    with IMPORTING:
        if _loaded:
            return _loaded[0]
        if "openstack" in sys.modules:
            from openstack.config import loader

            return loader
        spec = importlib.util.find_spec("openstack")
        assert spec is not None
        bare = types.ModuleType("openstack")
        bare.__path__ = list(spec.submodule_search_locations or [])
        bare.__spec__ = spec
        later = Later(_UNUSED)
        vars(later).update(Proxy=object, ProxyT=object)  # what annotations name
        sys.modules |= {"openstack": bare, _UNUSED: later}
        try:
            with postponed("webbrowser", "html"):  # to log in through a browser
                from openstack.config import loader
        finally:
            # All of it, so that who imports the SDK finds it whole: a package knows the parts that it loaded itself.
            # A copy, because other threads import meanwhile.
            for name in [name for name in list(sys.modules) if name == "openstack" or name.startswith("openstack.")]:
                del sys.modules[name]
            del later.Proxy, later.ProxyT
        _loaded.append(loader)
        return loader


def _safe(error: Exception) -> str:
    """The message of a loader error; YAML errors keep their place but not their excerpt, which may hold a password."""
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return f"{getattr(error, 'problem', 'not valid YAML')} at line {mark.line + 1}, column {mark.column + 1}"
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _read(filelist: list[str]) -> tuple[str | None, Any]:
    """The first of these files that exists: (path, what is in it).

    openstacksdk passes over a file that it cannot read or understand, and then knows no such cloud, or no password.
    Raises `BadConfiguration`.
    """
    import json
    import os

    whole("yaml")
    import yaml

    # PyYAML's own parser takes a twentieth of a whole short command's time; libyaml's, where it is built in, nothing.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    path = next((path for path in filelist if os.path.exists(path)), None)
    if path is None:
        return None, None
    try:
        with open(path, encoding="utf-8") as file:
            return path, json.load(file) if path.endswith("json") else yaml.load(file, loader)
    except OSError as error:
        raise BadConfiguration(path, f"cannot be read: {error.strerror}", "may this user read it?") from error
    except (ValueError, yaml.YAMLError) as error:
        raise BadConfiguration(path, f"cannot be understood: {_safe(error)}", "mend the file") from error


def quiet() -> None:
    """Keep the libraries' warnings off stderr, and so off the screen: what they are about becomes an error of ours."""
    for name in ("keystoneauth", "openstack", "urllib3"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
    # openstacksdk tells its own maintainers about InfluxDB for every cloud, whether it is configured or not.
    warnings.filterwarnings("ignore", "Support for InfluxDB", PendingDeprecationWarning)


def _config(session_constructor: Any = None) -> Any:
    import os

    whole("yaml")
    import yaml

    quiet()
    named = os.environ.get("OS_CLIENT_CONFIG_FILE", "")
    if named and not os.path.exists(named) and not os.environ.get("OS_AUTH_URL"):
        # openstacksdk would look elsewhere, and then tell that it knows no such cloud.
        raise BadConfiguration(named, "does not exist", "OS_CLIENT_CONFIG_FILE names it")
    base = _loader().OpenStackConfig

    class Config(base):  # type: ignore[misc, valid-type]
        """openstacksdk's own, but for files that it would pass over in silence."""

        def _load_yaml_json_file(self, filelist: list[str]) -> tuple[str | None, Any]:
            return _read(filelist)

    try:
        return Config(session_constructor=session_constructor, app_name="nephoscope", pw_func=None)
    except (yaml.YAMLError, OSError, ValueError, AttributeError, TypeError) as error:
        raise BadConfiguration("clouds.yaml", f"cannot be read: {_safe(error)}", "mend the file") from error
    except Exception as error:
        if type(error).__module__.startswith("openstack."):
            raise BadConfiguration("clouds.yaml", _safe(error), "mend the file") from error
        raise


def cloud_names() -> list[str]:
    """The clouds that are configured. Raises `BadConfiguration`."""
    return sorted(_config().get_cloud_names())


def file_in_use() -> str:
    """The clouds.yaml that is read; empty when there is none. Raises `BadConfiguration`."""
    return str(_config().config_filename or "")


def region_of(cloud: str, region: str, session_constructor: Any = None) -> Any:
    """openstacksdk's `CloudRegion` for `cloud`; empty means OS_CLOUD, OS_* variables, or the only one.

    Raises `BadConfiguration`.
    """
    config = _config(session_constructor)
    where = config.config_filename or "clouds.yaml"
    names = config.get_cloud_names()
    if cloud and cloud not in names and not config.config_filename:
        hint = "write ~/.config/openstack/clouds.yaml, or set OS_CLIENT_CONFIG_FILE"
        raise BadConfiguration(f"cloud {cloud}", "no clouds.yaml was found to look it up in", hint)
    if cloud and cloud not in names:
        known = ", ".join(sorted(names)) or "none"
        raise BadConfiguration(f"cloud {cloud}", f"not in {where}", f"one of: {known}; or set OS_CLIENT_CONFIG_FILE")
    try:
        return config.get_one(cloud=cloud or None, region_name=region or None)
    except (AttributeError, TypeError, ValueError, LookupError) as error:
        what = f"cloud {cloud or '(from the environment)'}"
        raise BadConfiguration(what, f"its entry cannot be understood: {_safe(error)}", f"look at {where}") from error
    except Exception as error:
        if type(error).__module__.startswith(("openstack.", "keystoneauth1.")):
            raise BadConfiguration(
                f"cloud {cloud or '(from the environment)'}", _safe(error), f"look at {where}"
            ) from error
        raise
