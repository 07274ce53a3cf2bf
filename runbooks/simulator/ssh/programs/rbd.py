"""The rbd command of the storage hosts: ls, info, du of the images that the services have in their pools."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from runbooks.simulator.ceph.table import table
from runbooks.simulator.model.ceph.images import RbdImage, find, images
from runbooks.simulator.model.ceph.words import size, stamp
from runbooks.simulator.ssh.program import Call, program
from runbooks.simulator.ssh.programs.ceph_ask import Given, connected, installed, options

FEATURES = ("layering", "exclusive-lock", "object-map", "fast-diff", "deep-flatten")


@program("rbd", on=installed)
def _rbd(call: Call) -> int:
    given = options(call, {})
    words = [word for word in given.words if not word.startswith("-")]
    verb = {"list": "ls", "disk-usage": "du"}.get(words[0], words[0]) if words else ""
    if verb not in ("ls", "info", "du"):
        return call.fail(f"error: unknown option '{verb}'" if verb else "rbd: command required", 1)
    if (failed := connected(call, given)) is not None:
        return failed
    pool, name = _spec(given, words[1:], verb)
    ceph = call.place.cloud.ceph
    if pool not in [each.name for each in ceph.pools.values()]:
        more = "\nrbd: listing images failed: (2) No such file or directory" if verb == "ls" else ""
        return call.fail(f"rbd: error opening pool '{pool}': (2) No such file or directory{more}", 2)
    if given.entity != "client.admin":  # it may ask the monitors and managers, but not read from the OSDs
        head = f"{stamp(call.place.now)[:-8]}+0000 7f4f83384380 -1 librbd::api::Image: list_images:"
        call.fail(f"{head} error listing v1 images: (1) Operation not permitted")
        return call.fail("rbd: listing images failed: (1) Operation not permitted", 1)
    if verb == "ls":
        return _ls(call, given, pool)
    if verb == "info":
        return _info(call, given, pool, name)
    return _du(call, given, pool, name)


def _spec(given: Given, words: list[str], verb: str) -> tuple[str, str]:
    """Pool and image: `POOL/IMAGE`, `-p POOL IMAGE`, and `ls POOL`."""
    first = words[0] if words else ""
    if "/" in first:
        pool, _, name = first.partition("/")
        return pool, name
    if verb == "ls":
        return given.pool or first or "rbd", ""
    return given.pool or "rbd", first


def _json(call: Call, given: Given, found: Any) -> int:
    call.print(json.dumps(found, separators=(",", ":")) if given.form == "json" else json.dumps(found, indent=4))
    return 0


def _ls(call: Call, given: Given, pool: str) -> int:
    found = sorted(images(call.place.cloud, pool), key=lambda image: image.name)
    if not {"-l", "--long"} & set(given.words):
        if given.form != "plain":
            return _json(call, given, [image.name for image in found])
        call.print("".join(f"{image.name}\n" for image in found), end="")
        return 0
    if given.form != "plain":
        return _json(call, given, [row for image in found for row in _long(call, image)])
    rows = []
    for image in found:
        rows.append([image.name, size(image.size), image.parent, "2", "", ""])
        for snap in image.snapshots:
            protected = "yes" if _protected(image) else ""
            rows.append([f"{image.name}@{snap}", size(image.size), image.parent, "2", protected, ""])
    call.print(table(("<NAME", "SIZE", "<PARENT", "FMT", "<PROT", "<LOCK"), rows), end="")
    return 0


def _protected(image: RbdImage) -> bool:
    return image.pool == "images"


def _long(call: Call, image: RbdImage) -> list[dict[str, Any]]:
    row: dict[str, Any] = {"image": image.name, "id": image.id, "size": image.size}
    parent = {"parent": _parent(image)} if image.parent else {}
    rows = [{**row, **parent, "format": 2}]
    for number, snap in enumerate(image.snapshots, 4):
        protected = {"protected": "true" if _protected(image) else "false"}
        rows.append({**row, "snapshot": snap, "snapshot_id": number, **parent, "format": 2, **protected})
    return rows


def _parent(image: RbdImage) -> dict[str, Any]:
    pool, _, rest = image.parent.partition("/")
    name, _, snapshot = rest.partition("@")
    return {"pool": pool, "pool_namespace": "", "image": name, "snapshot": snapshot}


def _info(call: Call, given: Given, pool: str, name: str) -> int:
    image = find(call.place.cloud, pool, name)
    if image is None:
        return call.fail(f"rbd: error opening image {name}: (2) No such file or directory", 2)
    made = datetime.fromtimestamp(image.created, UTC).strftime("%a %b %e %H:%M:%S %Y")
    found: dict[str, Any] = {
        "name": image.name,
        "id": image.id,
        "size": image.size,
        "objects": image.objects,
        "order": image.order,
        "object_size": 1 << image.order,
        "snapshot_count": len(image.snapshots),
        "block_name_prefix": f"rbd_data.{image.id}",
        "format": 2,
        "features": list(FEATURES),
        "op_features": [],
        "flags": [],
        "create_timestamp": made,
        "access_timestamp": made,
        "modify_timestamp": made,
    }
    if image.parent:
        found["parent"] = {**_parent(image), "trash": False, "overlap": image.size}
    if given.form != "plain":
        return _json(call, given, found)
    lines = [
        f"rbd image '{image.name}':",
        f"\tsize {size(image.size)} in {image.objects} objects",
        f"\torder {image.order} ({size(1 << image.order)} objects)",
        f"\tsnapshot_count: {len(image.snapshots)}",
        f"\tid: {image.id}",
        f"\tblock_name_prefix: rbd_data.{image.id}",
        "\tformat: 2",
        f"\tfeatures: {', '.join(FEATURES)}",
        "\top_features: ",
        "\tflags: ",
        *(f"\t{key}_timestamp: {made}" for key in ("create", "access", "modify")),
    ]
    if image.parent:
        lines += [f"\tparent: {image.parent}", f"\toverlap: {size(image.size)}"]
    call.print("\n".join(lines))
    return 0


def _du(call: Call, given: Given, pool: str, name: str) -> int:
    found = [image for image in images(call.place.cloud, pool) if not name or image.name == name]
    if name and not found:
        return call.fail(f"rbd: error opening image {name}: (2) No such file or directory", 2)
    rows: list[dict[str, Any]] = []
    for image in sorted(found, key=lambda each: each.name):
        head = {"name": image.name, "id": image.id}
        for number, snap in enumerate(image.snapshots[:1], 4):  # the first one holds what is there
            sizes = {"provisioned_size": image.size, "used_size": image.used}
            rows.append({**head, "snapshot": snap, "snapshot_id": number, **sizes})
        own = 0 if image.snapshots else image.used
        rows.append({**head, "provisioned_size": image.size, "used_size": own})
    total = {
        "total_provisioned_size": sum(image.size for image in found),
        "total_used_size": sum(image.used for image in found),
    }
    if given.form != "plain":
        return _json(call, given, {"images": rows, **total})
    lines = [
        [f"{row['name']}@{row['snapshot']}" if "snapshot" in row else row["name"], *_sizes(row, "")] for row in rows
    ]
    if len(rows) > 1:
        lines.append(["<TOTAL>", *_sizes(total, "total_")])
    call.print(table(("<NAME", "PROVISIONED", "USED"), lines, head="<"), end="")
    return 0


def _sizes(row: dict[str, Any], lead: str) -> list[str]:
    return [size(row[f"{lead}provisioned_size"]), size(row[f"{lead}used_size"])]
