"""The resident program on a monitor's host: one connection to Ceph, one line of JSON in, one line out.

It is sent there as text and runs under that host's own Python, which has Ceph's bindings (package python3-rados); it
imports nothing of ours. A command on an open connection takes a millisecond, a `ceph` process half a second. It ends
when its input ends. What it is sent comes from `ceph_commands` alone: commands that read.
"""

import json
import os
import sys
from typing import Any

SECONDS = "5"
"""After which librados gives up: it waits five minutes by default, also for a quorum that is lost."""


def say(**words: Any) -> None:
    """One line of JSON."""
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def connected(user: str, conf: str) -> Any:
    """A connection to the cluster."""
    import rados  # type: ignore[import-not-found]

    limits = {"client_mount_timeout": SECONDS, "rados_mon_op_timeout": SECONDS, "rados_osd_op_timeout": SECONDS}
    cluster = rados.Rados(conffile=conf, rados_id=user, conf=limits)
    cluster.connect()
    return cluster


def images(cluster: Any) -> list[dict[str, Any]]:
    """The RBD images of every pool that says it holds some."""
    import rbd  # type: ignore[import-not-found]

    _, out, _ = cluster.mon_command(json.dumps({"prefix": "osd pool ls", "detail": "detail", "format": "json"}), b"")
    found = []
    for pool in json.loads(out):
        if "rbd" not in pool.get("application_metadata", {}):
            continue
        with cluster.open_ioctx(pool["pool_name"]) as context:
            for each in rbd.RBD().list2(context):
                with rbd.Image(context, each["name"], read_only=True) as image:
                    found.append(described(image, pool["pool_name"], each))
    return found


def described(image: Any, pool: str, listed: dict[str, Any]) -> dict[str, Any]:
    """What one image says of itself, in the dashboard's words."""
    import rbd

    try:
        pool_name, parent, snapshot = image.parent_info()[:3]
        parent = {"pool_name": pool_name, "image_name": parent, "snap_name": snapshot}
    except rbd.ImageNotFound:
        parent = None
    return {
        "pool_name": pool,
        "name": listed["name"],
        "id": listed["id"],
        "size": image.size(),
        "timestamp": image.create_timestamp().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "snapshots": [{"name": each["name"]} for each in image.list_snaps()],
        "parent": parent,
    }


def answered(cluster: Any, command: Any) -> dict[str, Any]:
    """The answer to one command."""
    try:
        if command == "rbd images":
            return {"status": 0, "out": json.dumps(images(cluster))}
        status, out, words = cluster.mon_command(json.dumps(command), b"")
        return {"status": status, "out": out.decode("utf-8", "replace"), "err": words}
    except Exception as error:  # noqa: BLE001  whatever it is, it is that command's answer
        return {"status": -abs(getattr(error, "errno", None) or 1), "err": str(error), "type": type(error).__name__}


def main() -> None:
    """Serve until the input ends."""
    first = json.loads(sys.stdin.readline())
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)  # librados complains there, and nobody reads it
    try:
        cluster = connected(first["user"], first["conf"])
    except Exception as error:  # noqa: BLE001  told to whoever asked, who has no other way to know
        say(failed=type(error).__name__, why=str(error), errno=getattr(error, "errno", None) or 0)
        return
    say(ready=True, user=first["user"], fsid=cluster.get_fsid())
    for line in iter(sys.stdin.readline, ""):
        asked = json.loads(line)
        say(id=asked["id"], replies=[answered(cluster, command) for command in asked["commands"]])


if __name__ == "__main__":
    main()
