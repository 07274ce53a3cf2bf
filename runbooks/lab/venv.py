"""OpenStack itself: current releases in an environment of their own, made with the Python of the hosts' image.

It is at STATE/openstack here, in the copy of the image in which it is made, and (read-only) in every host. What pip on
this machine is told about indexes, proxies and certificates holds while it is made; nothing of that stays in it.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from runbooks.lab import inside
from runbooks.lab.disk import remove_tree
from runbooks.lab.lab import Lab
from runbooks.lab.shell import LabError, run

PACKAGES: tuple[str, ...] = ("python3", "python3-venv", "ca-certificates")
"""What the image needs so that it can be made there."""

HERE = Path(__file__).parent
REQUIREMENTS = ("requirements.txt",)
CONSTRAINTS = "constraints.txt"
WHEELS = 210
"""About how many packages there are, to show how far it is."""

PASSED = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
_PATH = re.compile(r"(?:^|[\s=,'\"])(file://)?(/[^\s,'\"]+)")


def make(lab: Lab) -> None:
    """Make the environment where it is missing or not the one that these requirements describe."""
    mark = lab.venv / ".made"
    wanted = fingerprint()
    if not mark.is_file() or mark.read_text() != wanted:
        _install(lab)
        mark.write_text(wanted)
    put_drivers(lab.venv)
    link_ceph(lab)


def fingerprint() -> str:
    """What the requirements are, in short."""
    texts = [(HERE / name).read_text() for name in (*REQUIREMENTS, CONSTRAINTS)]
    return hashlib.sha256("".join(texts).encode()).hexdigest() + "\n"


def _install(lab: Lab) -> None:
    venv = lab.venv
    config = pip_files()
    environment = _environment()
    visible = [
        str(venv),
        str(HERE),
        "/proc",
        "/dev",
        *(p for p in ("/etc/resolv.conf", "/etc/hosts", "/etc/ssl") if Path(p).exists()),
    ]
    visible += named_paths([*(file.read_text() for file in config), *environment.values()])
    visible += [str(file) for file in config]

    def within(*words: str, seconds: float, env: Mapping[str, str]) -> str:
        copy = lab.state / "openstack.root"
        copy.mkdir(exist_ok=True)
        start = ("unshare", "--mount", "--propagation", "private", "--", sys.executable, "-I", inside.__file__)
        paths = list(dict.fromkeys(visible))
        done = run((*start, str(copy), str(lab.image), *paths, "--", *words), seconds=seconds, env=env, check=False)
        if not done.ok:
            log = lab.state / "log" / "openstack"
            log.write_text(done.out + done.err)
            said = [line for line in done.err.splitlines() if line.strip()]
            raise LabError("OpenStack's environment", said[-1] if said else f"exit status {done.status}", f"see {log}")
        return done.out

    if not (venv / "bin/pip").exists():
        within("python3", "-m", "venv", "--clear", str(venv), seconds=120, env=environment)
    if not (venv / "bin/uv").exists():
        within(f"{venv}/bin/pip", "install", "--quiet", "--no-input", "uv", seconds=600, env=environment)
    settings = uv_settings(within(f"{venv}/bin/pip", "config", "list", seconds=60, env=environment))
    settings = {**environment, **settings, "UV_CACHE_DIR": str(venv / ".cache"), "VIRTUAL_ENV": str(venv)}
    words = [f"{venv}/bin/uv", "pip", "install", "--no-progress", "--compile-bytecode", "--link-mode", "hardlink"]
    words += ["--constraint", str(HERE / CONSTRAINTS)]
    words += [word for name in REQUIREMENTS for word in ("-r", str(HERE / name))]
    with _Progress(lab):
        within(*words, seconds=3600, env=settings)
    remove_tree(venv / ".cache")
    (lab.state / "openstack.root").rmdir()


def _environment() -> dict[str, str]:
    """What of this machine's environment holds for pip, too."""
    found = {name: os.environ[name] for name in PASSED if name in os.environ}
    found |= {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    if Path(BUNDLE).is_file():
        found["SSL_CERT_FILE"] = os.environ.get("SSL_CERT_FILE", BUNDLE)
    return found


def pip_files() -> list[Path]:
    """The configuration files of pip that this machine has, in the order in which pip reads them."""
    home = Path.home()
    named = [Path("/etc/pip.conf"), home / ".pip/pip.conf", home / ".config/pip/pip.conf"]
    if os.environ.get("PIP_CONFIG_FILE"):
        named.append(Path(os.environ["PIP_CONFIG_FILE"]))
    return [file for file in named if file.is_file()]


def named_paths(texts: list[str]) -> list[str]:
    """The existing files and folders that settings name: certificates, folders of packages.

    Of an index that is a folder, also the folder above: its pages lead to files beside it.
    """
    found: list[str] = []
    for text in texts:
        for scheme, path in _PATH.findall(text):
            whole = str(Path(path).parent) if scheme and Path(path).parent.parent != Path("/") else path
            if Path(path).exists() and not path.startswith(("/dev", "/proc", "/sys", "/etc/ssl/")):
                found += [path, whole]
    return list(dict.fromkeys(found))


def uv_settings(listed: str) -> dict[str, str]:
    """What `pip config list` says, in the words of uv."""
    values = dict(_pip_values(listed))
    settings = {"UV_INDEX_STRATEGY": "unsafe-best-match"}  # as pip: the best version of all indexes
    if "index-url" in values:
        settings["UV_DEFAULT_INDEX"] = values["index-url"]
    if "extra-index-url" in values:
        settings["UV_INDEX"] = " ".join(values["extra-index-url"].split())
    if "find-links" in values:
        settings["UV_FIND_LINKS"] = ",".join(values["find-links"].split())
    if "trusted-host" in values:
        settings["UV_INSECURE_HOST"] = " ".join(values["trusted-host"].split())
    if values.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        settings["UV_NO_INDEX"] = "1"
    if "cert" in values:
        settings["SSL_CERT_FILE"] = values["cert"]
    return settings


def _pip_values(listed: str) -> Iterator[tuple[str, str]]:
    for line in listed.splitlines():
        name, equals, value = line.partition("=")
        if equals:
            yield name.rpartition(".")[2], value.strip().strip("'\"").replace("\\n", " ")


def put_drivers(venv: Path) -> None:
    """Nova and Cinder load drivers from their own folders, so the lab's lie there."""
    (packages,) = venv.glob("lib/python3*/site-packages")
    target = packages / "nova/virt/lab"
    target.mkdir(exist_ok=True)
    for source in sorted((HERE / "nova_driver").glob("*.py")):
        if source.name != "__init__.py":
            name = "__init__.py" if source.name == "driver.py" else source.name
            (target / name).write_text(source.read_text())
    (packages / "cinder/volume/drivers/lab.py").write_text((HERE / "cinder_driver/driver.py").read_text())


def link_ceph(lab: Lab) -> None:
    """Ceph's Python modules are Debian's: where the image has them, the environment has them, too."""
    (packages,) = lab.venv.glob("lib/python3*/site-packages")
    folder = lab.image / "usr/lib/python3/dist-packages"
    for file in (*folder.glob("rados.*.so"), *folder.glob("rbd.*.so")):
        link = packages / file.name
        if not link.is_symlink():
            link.symlink_to(f"/usr/lib/python3/dist-packages/{file.name}")


class _Progress:
    """While it is entered, says every few seconds how many packages are there."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.wait(5):
            there = sum(1 for _ in (self._lab.venv / ".cache").glob("archive-v0/*"))
            installed = sum(1 for _ in self._lab.venv.glob("lib/python3*/site-packages/*.dist-info"))
            if installed < WHEELS // 2:
                self._lab.say(f"    {there} of about {WHEELS} packages are here")
            else:
                self._lab.say("    compiling")
