"""Lines of product code: ``python -m bench.lines``. Tests, benches and vendored files are not."""

from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KINDS = {".py": "Python", ".js": "JavaScript", ".css": "CSS", ".html": "templates"}
PLACES = ("atlas", "views", "pages", "pipelines", "serving", "static/atlas", "deploy")
SINGLE = ("app.py", "serve.py")


def lines() -> Counter[tuple[str, str]]:
    """Return the number of lines by place and kind of file."""
    found: Counter[tuple[str, str]] = Counter()
    paths = [(place, path) for place in PLACES for path in (ROOT / place).rglob("*")]
    for place, path in [*paths, *((name, ROOT / name) for name in SINGLE)]:
        if path.suffix in KINDS:
            found[place, KINDS[path.suffix]] += len(path.read_text(encoding="utf-8").splitlines())
    return found


def main() -> None:
    """Print a table of places and kinds, and the sum."""
    found = lines()
    kinds = list(KINDS.values())
    print(f"{'':14}" + "".join(f"{kind:>12}" for kind in kinds))
    for place in (*PLACES, *SINGLE):
        print(f"{place:14}" + "".join(f"{found[place, kind]:>12,}" for kind in kinds))
    print(f"{'all':14}{found.total():>12,}")


if __name__ == "__main__":
    main()
