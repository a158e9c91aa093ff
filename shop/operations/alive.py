"""Whether the processes of a container get on: its health check, which exits 0 where they do.

python -I shop/operations/alive.py FOLDER, where FOLDER is SHOP_PULSE_DIR. It runs each half minute in each container,
so it imports nothing of the shop or of Django: it takes a fiftieth of a second. With `make run` the watchdog judges
instead, which knows more of each process.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

# As the watchdog has them, in seconds: without a pulse; at work that does not get on; at one piece of work.
SILENT_S, STUCK_S, ENDLESS_S = 30.0, 180.0, 3_600.0
# Seconds in which work that seems stuck may show that it uses the processor; a pulse is written every two.
LOOKS_AGAIN_S = 5.0


def read(folder: Path) -> dict[int, dict[str, Any]]:
    """Return the pulses in a folder by process id, without those of processes that ended."""
    found = {}
    for path in folder.glob("*.pulse"):
        try:
            pulse = json.loads(path.read_bytes().rstrip(b"\0"))
        except (OSError, ValueError):
            # It is being written.
            continue
        if (started := started_at(pulse["pid"])) is not None and started < pulse["beat"] + 1:
            found[pulse["pid"]] = pulse
    return found


def started_at(pid: int) -> float | None:
    """Return when a process was started, on the monotonic clock; None if it ended. Its number may be another's now."""
    try:
        # The name, in parentheses, may contain spaces.
        fields = Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    since_boot = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return since_boot + time.monotonic() - time.clock_gettime(time.CLOCK_BOOTTIME)


def why_not(pulse: dict[str, Any], now: float) -> str:
    """Return what is wrong with a process at a monotonic time; nothing if it gets on."""
    if now - pulse["beat"] > SILENT_S:
        return f"no pulse for {now - pulse['beat']:.0f} s"
    if not pulse["busy"]:
        return ""
    if now - pulse["busy_since"] > ENDLESS_S:
        return f"at {pulse['busy']} for {now - pulse['busy_since']:.0f} s"
    stuck = now - max(pulse["progress"], pulse["busy_since"])
    return f"no progress for {stuck:.0f} s at {pulse['busy']}" if stuck > STUCK_S else ""


def main(folder: Path) -> str:
    """Return what is wrong with the processes that show a pulse in a folder; nothing if all get on."""
    pulses = read(folder)
    if not pulses:
        return f"no process shows a pulse in {folder}"
    suspects = {pid: reason for pid, pulse in pulses.items() if (reason := why_not(pulse, time.monotonic()))}
    if not suspects:
        return ""
    time.sleep(LOOKS_AGAIN_S)
    later = read(folder)
    return "; ".join(
        f"process {pid}: {reason}"
        for pid, reason in suspects.items()
        if pid in later and later[pid]["cpu_s"] - pulses[pid]["cpu_s"] < 0.1 and why_not(later[pid], time.monotonic())
    )


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])) or 0)
