"""What this machine lets an engine use; knows no engine."""

import os
from pathlib import Path

_CGROUP_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def memory_limit() -> str:
    """Half of the memory that the machine or its cgroup has, such as ``"6144MiB"``."""
    available = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for path in _CGROUP_LIMITS:
        if path.is_file():
            text = path.read_text().strip()
            if text.isdigit():
                available = min(available, int(text))
    return f"{available // 2 // 1024**2}MiB"
