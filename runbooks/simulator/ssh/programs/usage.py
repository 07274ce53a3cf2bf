"""free and df: how much of memory and disks is used."""

from __future__ import annotations

from dataclasses import dataclass

from runbooks.simulator.model import disks
from runbooks.simulator.ssh import files
from runbooks.simulator.ssh.getopt import options
from runbooks.simulator.ssh.program import Call, Place, UsageError, program


@program("free")
def _free(call: Call) -> int:
    given = options(call, flags="bkmght", long="bytes kibi mebi gibi human")
    kib = files.memory(call.place)
    cache = kib["Buffers"] + kib["Cached"] + kib["SReclaimable"]
    memory = (
        kib["MemTotal"],
        kib["MemTotal"] - kib["MemAvailable"],
        kib["MemFree"],
        kib["Shmem"],
        cache,
        kib["MemAvailable"],
    )
    swap = (kib["SwapTotal"], kib["SwapTotal"] - kib["SwapFree"], kib["SwapFree"])

    def shown(value: int) -> str:
        if "h/human" in given:
            return _binary(value * 1024)
        return str(value * 1024 if "b/bytes" in given else value >> 10 if "m/mebi" in given else value)

    call.print("               total        used        free      shared  buff/cache   available")
    call.print("Mem:    " + "".join(f" {shown(value):>11}" for value in memory))
    call.print("Swap:   " + "".join(f" {shown(value):>11}" for value in swap))
    return 0


def _binary(size: int) -> str:
    """`free -h`'s way: `1.5Gi`."""
    value = float(size)
    for unit in ("B", "Ki", "Mi", "Gi", "Ti"):
        if value < 1024 or unit == "Ti":
            return f"{value:.0f}{unit}" if value >= 10 or unit == "B" else f"{value:.1f}{unit}"
        value /= 1024
    raise AssertionError("unreachable")


@dataclass(frozen=True, slots=True)
class _Mount:
    device: str
    kind: str
    size: int
    used: int
    available: int
    point: str

    @property
    def capacity(self) -> str:
        """The used share, rounded up as df does."""
        total = self.used + self.available
        return f"{-(-100 * self.used // total)}%" if total else "-"


def _mounts(place: Place) -> list[_Mount]:
    """Disks of the model between the memory file systems that every Debian has. ext4 keeps 5 % for root."""
    half, tenth = place.host.memory_kib // 2, place.host.memory_kib // 10
    found = [
        _Mount("udev", "devtmpfs", half - 8192, 0, half - 8192, "/dev"),
        _Mount("tmpfs", "tmpfs", tenth, 2816, tenth - 2816, "/run"),
    ]
    for point, (device, size, _) in place.host.disks.items():
        kind = "vfat" if point == "/boot/efi" else "ext4"
        used, available = disks.used(place.host, point), disks.available(place.host, point)
        found.append(_Mount(device, kind, size, used, available, point))
    found.insert(3, _Mount("tmpfs", "tmpfs", half, 0, half, "/dev/shm"))
    found.insert(4, _Mount("tmpfs", "tmpfs", 5120, 0, 5120, "/run/lock"))
    return found


@program("df")
def _df(call: Call) -> int:
    given = options(
        call,
        flags="PkThla",
        valued="xt",
        long="portability human-readable local print-type all",
        long_valued="type exclude-type",
    )
    status = 0
    mounts = [
        mount
        for mount in _mounts(call.place)
        if mount.kind not in given.all("x/exclude-type") and mount.kind in (given.all("t/type") or [mount.kind])
    ]
    if given.operands:
        chosen = []
        for name in given.operands:
            if not call.place.root and name.startswith(f"{disks.ENGINE}/"):
                status = call.fail(f"df: {name}: Permission denied")
                continue
            if not _there(call.place, name) and name not in [mount.point for mount in mounts]:
                status = call.fail(f"df: {name}: No such file or directory")
                continue
            holding = [m for m in mounts if name == m.point or name.startswith(m.point.rstrip("/") + "/")]
            chosen += [max(holding, key=lambda mount: len(mount.point))]
        mounts = chosen
        if not mounts:
            return status
    if not mounts:
        raise UsageError("df: no file systems processed")
    human = "h/human-readable" in given
    portable = "P/portability" in given
    head = ["Filesystem", "Type"]
    head += (
        ["Size", "Used", "Avail", "Use%"]
        if human
        else ["1024-blocks" if portable else "1K-blocks", "Used", "Available", "Capacity" if portable else "Use%"]
    )
    rows = [[*head, "Mounted on"]]
    for mount in mounts:
        sizes = [_short(size) if human else str(size) for size in (mount.size, mount.used, mount.available)]
        rows.append([mount.device, mount.kind, *sizes, mount.capacity, mount.point])
    if "T/print-type" not in given:
        rows = [[row[0], *row[2:]] for row in rows]
    call.out.write("".join(f"{line}\n" for line in _aligned(rows, left=1 + ("T/print-type" in given))).encode())
    return status


def _there(place: Place, name: str) -> bool:
    return files.is_folder(place, name) or disks.is_folder(place.host, name) or name in place.host.left


def _aligned(rows: list[list[str]], left: int) -> list[str]:
    """df's columns: the first `left` and the last left-aligned, the others right-aligned, none narrower than df's."""
    least = [*[14, 4][:left], 5, 5, 5, 4]
    widths = [max(least[at], *(len(row[at]) for row in rows)) for at in range(len(rows[0]) - 1)]
    return [
        " ".join(
            [
                cell.ljust(width) if at < left else cell.rjust(width)
                for at, (cell, width) in enumerate(zip(row, widths, strict=False))
            ]
            + [row[-1]]
        )
        for row in rows
    ]


def _short(kib: int) -> str:
    """`df -h`'s way: `226G`, `1.5T`, rounded up."""
    value = float(kib)
    for unit in ("K", "M", "G", "T", "P"):
        if value < 1024 or unit == "P":
            if value == 0:
                return "0"
            up = -(-value * 10 // 1) / 10
            return f"{up:.1f}{unit}" if up < 10 else f"{-(-value // 1):.0f}{unit}"
        value /= 1024
    raise AssertionError("unreachable")
