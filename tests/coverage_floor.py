"""Holds every room to its floor of branch coverage: 95 % where the code is pure, 85 % elsewhere (DESIGN section 12)."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

PURE = ("gateway/judging", "gateway/mapping", "gateway/policy", "gateway/proofs", "gateway/security")
PURE_FLOOR, FLOOR = 95.0, 85.0


def main() -> int:
    """Prints a line per room; 1 when any is below its floor."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "coverage.json"
        subprocess.run([sys.executable, "-m", "coverage", "json", "-q", "-o", str(report)], check=True)
        files = json.loads(report.read_text())["files"]
    covered: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for name, entry in files.items():
        room = "/".join(name.split("/")[:2]) if name.count("/") > 1 else name.split("/")[0]
        summary = entry["summary"]
        covered[room][0] += summary["covered_lines"] + summary["covered_branches"]
        covered[room][1] += summary["num_statements"] + summary["num_branches"]
    below = 0
    for room, (hit, total) in sorted(covered.items()):
        floor = PURE_FLOOR if room in PURE else FLOOR
        percent = 100.0 * hit / total if total else 100.0
        below += percent < floor
        sys.stdout.write(
            f"{'ok   ' if percent >= floor else 'BELOW'} {room:<24} {percent:5.1f} % (floor {floor:.0f} %)\n"
        )
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
