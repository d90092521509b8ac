"""What processes cost, read from /proc (Linux): CPU and memory of a process and all that it started."""

import os
from collections.abc import Iterator
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def _fields(pid: int) -> list[str]:
    """/proc/PID/stat after the command's name, which may hold spaces; empty where the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def name_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def parent_of(pid: int) -> int:
    return int(_fields(pid)[1])


def family(root: int) -> list[int]:
    """A process and its descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _fields(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))

    def walk(pid: int) -> Iterator[int]:
        yield pid
        for child in children.get(pid, []):
            yield from walk(child)

    return list(walk(root))


def cpu_seconds(root: int) -> float:
    """User and system time of a process and its descendants, those that have ended included."""
    ticks = 0
    for pid in family(root):
        ticks += sum(int(value) for value in _fields(pid)[11:15])
    return ticks / TICK


def memory_mib(root: int) -> float:
    """Proportional set size of a process and its descendants: shared pages are counted once."""
    kib = 0
    for pid in family(root):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                kib += int(line.split()[1])
    return kib / 1024
