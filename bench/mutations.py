"""Seeded faults of the join, and which check sees each: ``python -m bench.mutations``.

Every fault is a mistake that somebody has made in such a join, put into a sound toy England.
Prints a table and writes measured/mutations.json.
"""

import json
import sys

from bench import MEASURED
from pipelines.checks import CHECKS, faults
from tests.pipelines.test_checks import HARMLESS, SEEDED
from tests.toys import sources as toy

RESULT = MEASURED / "mutations.json"


def main() -> int:
    """Run every fault and every harmless change; 0 where all are judged rightly."""
    seen = {name: _seen_by(name) for name in SEEDED}
    alarms = [name for name, change in HARMLESS.items() if faults(change(toy.built()))]
    missed = [name for name, checks in seen.items() if not checks]
    names = [check.__name__ for check in CHECKS]
    alone = {name: sum(checks == [name] for checks in seen.values()) for name in names}
    caught = {name: sum(name in checks for checks in seen.values()) for name in names}
    print(f"{'check':24}{'sees':>6}{'alone':>7}")
    for name in names:
        print(f"{name:24}{caught[name]:>6}{alone[name]:>7}")
    print(f"{'all together':24}{len(seen) - len(missed):>6} of {len(seen)}")
    print(f"{'false alarms':24}{len(alarms):>6} of {len(HARMLESS)} harmless changes")
    figures = {
        "faults": len(seen),
        "caught": len(seen) - len(missed),
        "missed": missed,
        "harmless_changes": len(HARMLESS),
        "false_alarms": alarms,
        "caught_by": caught,
        "caught_only_by": alone,
        "seen_by": seen,
    }
    RESULT.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 1 if missed or alarms else 0


def _seen_by(name: str) -> list[str]:
    broken = SEEDED[name](toy.built())
    return [check.__name__ for check in CHECKS if check(broken)]


if __name__ == "__main__":
    sys.exit(main())
