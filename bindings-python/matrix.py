"""Prints what the tests came to, file by file, on each Python that they ran on.

Usage: python matrix.py RESULTS.. ; `RESULTS.xml` is what pytest wrote on one Python, and named by its version. The
exit code is 1 if anything failed anywhere, or was skipped: what cannot run somewhere does not belong into what is
run there.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

#: What a test came to, by the element of its report that says so. Without one it passed.
BAD = {"failure": "failed", "error": "failed", "skipped": "skipped"}


def main() -> int:
    """Print the table, and what is wrong."""
    reports = {Path(path).name: Report(Path(f"{path}.xml")) for path in sys.argv[1:]}
    print(f"{'passed on':40}", *(f"{version:>8}" for version in reports))
    for name in sorted({name for report in reports.values() for name in report.passed}):
        print(f"{name:40}", *(f"{report.passed[name] or '-':>8}" for report in reports.values()))
    print(f"{'all':40}", *(f"{report.came_to['passed']:>8}" for report in reports.values()))
    wrong = {version: report.came_to for version, report in reports.items() if set(report.came_to) != {"passed"}}
    for version, came_to in wrong.items():
        print(f"Python {version}: {came_to['passed']} passed, {came_to['failed']} failed, {came_to['skipped']} skipped")
    return 1 if wrong else 0


class Report:
    """What pytest wrote of its tests on one Python."""

    def __init__(self, file: Path) -> None:
        #: How many tests came to what.
        self.came_to: Counter[str] = Counter()
        #: How many tests of a file passed, and of what else a test has counted, such as `vectors`.
        self.passed: Counter[str] = Counter()
        for case in ElementTree.parse(file).iter("testcase"):
            came_to = next((BAD[child.tag] for child in case if child.tag in BAD), "passed")
            self.came_to[came_to] += 1
            if came_to == "passed":
                name = case.get("file", "")
                self.passed[name] += 1
                for counted in case.iter("property"):
                    self.passed[f"{name}: {counted.get('name')}"] += int(counted.get("value", "0"))


if __name__ == "__main__":
    sys.exit(main())
