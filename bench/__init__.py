"""Measurements that anyone can repeat.

Each prints a table and writes ``bench/NAME.json``, which stays on the machine that measured. Those
whose figures the README, a document or a page quotes write into ``measured/``, which is committed.
"""

from pathlib import Path

MEASURED = Path(__file__).resolve().parent.parent / "measured"
