"""`curl`: GETs and other requests to what the model serves: APIs, TLS servers, metadata; its errors in curl's words.

Knows `-s -S -f -i -I -k -L -X -H -d -o -w -m --connect-timeout --cacert --unix-socket`. Certificates are verified
against `--cacert`; the authority of the cloud is no part of a host's own trust.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import SplitResult, urlsplit

from runbooks.simulator.model.wires.metadata import SOCKET
from runbooks.simulator.ssh import files
from runbooks.simulator.ssh.getopt import Options, options
from runbooks.simulator.ssh.pace import FOREVER
from runbooks.simulator.ssh.program import Call, UsageError, decode, program
from runbooks.simulator.ssh.programs.ping import resolve
from runbooks.simulator.ssh.tls import untrusted
from runbooks.simulator.ssh.web import NEVER, Got, Wanted, answered, by_socket, connected, tls_server

_LONG = "silent show-error fail include head insecure location verbose http1.1"
_VALUED = "request header data output write-out max-time connect-timeout cacert unix-socket noproxy user-agent"
_HELP = """
More details here: https://curl.se/docs/sslcerts.html

curl failed to verify the legitimacy of the server and therefore could not
establish a secure connection to it. To learn more about this situation and
how to fix it, please visit the web page mentioned above."""


class CurlError(Exception):
    """Why there is no answer: curl's exit status and words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


@program("curl")
def _curl(call: Call) -> int:
    given = options(call, flags="sSfiIkLvn", valued="XHdowmA", long=_LONG, long_valued=_VALUED, usage_status=2)
    if not given.operands:
        raise UsageError(
            "curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information", 2
        )
    status = 0
    for url in given.operands:
        try:
            got = _asked(call, given, url)
        except CurlError as failed:
            status = failed.status
            if "s/silent" not in given or "S/show-error" in given:
                call.fail(f"curl: ({failed.status}) {failed}")
            _written_out(call, given, None)
            continue
        status = _told(call, given, got)
    return status


def _asked(call: Call, given: Options, url: str) -> Got:
    split = urlsplit(url if "://" in url else f"http://{url}")
    if split.scheme not in ("http", "https"):
        raise CurlError(1, f'Protocol "{split.scheme}" not supported')
    wanted = _wanted(call, given, split)
    limit = _seconds(given.last("m/max-time"))
    if socket := given.last("unix-socket"):
        got = by_socket(call, wanted) if socket == SOCKET and call.place.root else None
        if got is None:
            raise CurlError(7, f"Failed to connect to {split.hostname} port {wanted.port} after 0 ms: "
                            "Couldn't connect to server")  # fmt: skip
        return got
    if not wanted.target:
        raise CurlError(6, f"Could not resolve host: {split.hostname}")
    met = connected(call, wanted.target, wanted.port)
    if met.how == "silent":
        patience = min(_seconds(given.last("connect-timeout")), limit)
        _give_up(call, patience, f"Failed to connect to {split.hostname} port {wanted.port} after {{}} ms: ")
    if met.place is None or met.how == "refuses":
        spent = f"{met.seconds * 1000:.0f} ms"
        raise CurlError(7, f"Failed to connect to {split.hostname} port {wanted.port} after {spent}: "
                        "Couldn't connect to server")  # fmt: skip
    _secured(call, given, split, wanted)
    got = answered(call, wanted, met.place)
    if got is None:
        raise CurlError(52, "Empty reply from server")
    if got.seconds > limit or got.seconds >= NEVER:
        call.wait(min(limit, FOREVER))
        raise CurlError(28, f"Operation timed out after {limit * 1000 + 1:.0f} milliseconds with 0 bytes received")
    call.wait(got.seconds)
    return got


def _wanted(call: Call, given: Options, split: SplitResult) -> Wanted:
    heads = {
        name.strip(): value.strip()
        for head in given.all("H/header")
        for name, colon, value in [head.partition(":")]
        if colon
    }
    data = "&".join(given.all("d/data"))
    usual = "HEAD" if "I/head" in given else "POST" if data else "GET"
    port = split.port or (443 if split.scheme == "https" else 80)
    path = (split.path or "/") + (f"?{split.query}" if split.query else "")
    heads = {"Host": split.netloc, "User-Agent": "curl/7.88.1", "Accept": "*/*"} | heads
    target = resolve(call, split.hostname or "")
    return Wanted(given.last("X/request", usual), target, port, path, heads, data.encode())


def _seconds(text: str) -> float:
    try:
        return float(text) if text else FOREVER
    except ValueError:
        raise UsageError("curl: option -m: expected a proper numerical parameter", 2) from None


def _give_up(call: Call, patience: float, words: str) -> None:
    """Nobody answers the connection."""
    waited = min(patience, 134.0)
    call.wait(waited)
    ended = "Timeout was reached" if patience < 134.0 else "Couldn't connect to server"
    raise CurlError(28, words.format(int(waited * 1000)) + ended)


def _secured(call: Call, given: Options, split: SplitResult, wanted: Wanted) -> None:
    """What TLS has to say."""
    cloud = call.place.cloud
    name = tls_server(cloud, wanted.target, wanted.port)
    if split.scheme == "http" and name:
        raise CurlError(52, "Empty reply from server")
    if split.scheme == "http":
        return
    if not name:
        raise CurlError(35, "OpenSSL/3.0.15: error:0A00010B:SSL routines::wrong version number")
    if "k/insecure" in given:
        return
    trusted = b""
    if path := given.last("cacert"):
        content = files.read(call.place, path)
        if isinstance(content, str):
            raise CurlError(77, f"error setting certificate file: {path}")
        trusted = content
    why = untrusted(cloud.secrets.authority.served(name), decode(trusted), split.hostname or "")
    if why.startswith("SSL:"):
        raise CurlError(60, why + _HELP)
    if why:
        raise CurlError(60, f"SSL certificate problem: {why}" + _HELP)


def _told(call: Call, given: Options, got: Got) -> int:
    if "f/fail" in given and got.status >= 400:
        if "s/silent" not in given or "S/show-error" in given:
            call.fail(f"curl: (22) The requested URL returned error: {got.status}")
        _written_out(call, given, got)
        return 22
    if "I/head" in given:
        got = replace(got, body=b"")
    if "i/include" in given or "I/head" in given:
        lines = [f"HTTP/1.1 {got.status} {got.reason}", *(f"{name}: {value}" for name, value in got.headers.items())]
        call.out.write("".join(f"{line}\r\n" for line in [*lines, ""]).encode())
    if given.last("o/output") != "/dev/null":
        call.out.write(got.body)
    _written_out(call, given, got)
    return 0


def _written_out(call: Call, given: Options, got: Got | None) -> None:
    words = given.last("w/write-out")
    if not words:
        return
    status = f"{got.status if got is not None else 0:03}"
    values = {"http_code": status, "response_code": status, "size_download": str(len(got.body) if got else 0),
              "content_type": str(got.headers.get("Content-Type", "")) if got else ""}  # fmt: skip
    for name, value in values.items():
        words = words.replace(f"%{{{name}}}", value)
    call.print(words.replace("\\n", "\n").replace("\\t", "\t"), end="")
