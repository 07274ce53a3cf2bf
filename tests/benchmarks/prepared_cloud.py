"""A process of its own that serves prepared pages of servers, for clients that are measured from outside.

`python -m tests.benchmarks.prepared_cloud FOLDER COUNT` writes FOLDER/clouds.yaml (cloud `wire`), says `ready`, and
serves until its standard input ends.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from tests.collectors.kinds.test_servers import many
from tests.wire_cloud import WireCloud, recorded
from tests.wire_server import Reply, Seen, json_reply

PAGE = 1000


def main(folder: str, count: int) -> None:
    """Serve `count` servers."""
    servers = msgspec.json.decode(many(count))
    cloud = WireCloud(Path(folder))
    pages: dict[str, bytes] = {}
    with cloud:
        marker = ""
        for start in range(0, count, PAGE):
            part = servers[start : start + PAGE]
            following = f"{cloud.url}/compute/v2.1/servers/detail?marker={part[-1]['id']}"
            more = [{"rel": "next", "href": following}] if start + PAGE < count else []
            pages[marker] = msgspec.json.encode({"servers": part, "servers_links": more})
            marker = part[-1]["id"]

        def page(seen: Seen) -> Reply:
            return Reply(body=pages[seen.query.get("marker", "")])

        cloud.prepare()
        versions = recorded("compute/versions")
        versions["versions"][1]["links"][0]["href"] = f"{cloud.url}/compute/v2.1/"
        cloud.on("/compute/", json_reply(versions))
        cloud.on("/compute/v2.1", json_reply({"version": versions["versions"][1]}))
        cloud.on("/compute/v2.1/", json_reply({"version": versions["versions"][1]}))
        cloud.on("/compute/v2.1/servers/detail", page)
        print("ready", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
