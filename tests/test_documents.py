"""The documents of the project lead to files that exist, and keep their tables whole."""

import json
import re
from pathlib import Path

import pytest

from bench import mutations
from bench.siege import ATTEMPTS

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [*sorted((ROOT / "docs").glob("*.md")), *sorted(ROOT.glob("*.md"))]
LINK = re.compile(r"\[[^\]]+\]\(([^)#]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_to_a_file_leads_to_one(path: Path) -> None:
    links = LINK.findall(path.read_text(encoding="utf-8"))
    ours = [link for link in links if not link.startswith(("http", "mailto:"))]
    assert [link for link in ours if not (path.parent / link).exists()] == []


def test_the_checklist_has_its_eighteen_items_each_with_a_link() -> None:
    text = (ROOT / "docs/rap.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in text.splitlines() if re.match(r"\| \d+ \|", line)]
    assert [int(row[1]) for row in rows] == list(range(1, 19))
    assert [row[2].strip() for row in rows] == ["Baseline"] * 5 + ["Silver"] * 9 + ["Gold"] * 4
    met = [row[4].strip() for row in rows]
    assert set(met) == {"yes", "partly"}
    without = [row[1] for row in rows if not LINK.search("|".join(row)) and row[1].strip() != "2"]
    assert without == []


def test_the_log_has_a_kind_a_check_and_a_role_on_every_line() -> None:
    text = (ROOT / "docs/qa_log.md").read_text(encoding="utf-8")
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| ")][2:]
    assert len(rows) >= 10
    for row in rows:
        date, kind, assumption, risk, check, result, role = (cell.strip() for cell in row)
        assert kind in ("verification", "validation")
        assert assumption and risk and check and result
        done = result != "not done yet"
        assert bool(re.fullmatch(r"\d{4}-\d\d-\d\d", date)) == done
        assert (role in ("analyst", "assurer")) == done


def test_the_benchmark_of_faults_missed_none_and_raised_no_false_alarm() -> None:
    figures = json.loads(mutations.RESULT.read_text(encoding="utf-8"))
    assert figures["faults"] > 0 and figures["harmless_changes"] > 0
    assert figures["missed"] == [] and figures["false_alarms"] == []


def test_the_table_of_attacks_is_what_was_measured_and_nothing_was_lost() -> None:
    figures = json.loads((ROOT / "measured/siege.json").read_text(encoding="utf-8"))
    text = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
    told = ("page median s", "page worst s", "file worst s", "recovered after s")
    for row in figures["attempts"]:
        cells = (row["attempt"], row["what happened"], *(str(row[name]) for name in told))
        assert f"| {' | '.join(cells)} |" in text
        assert row["lost"] == 0
    assert {row["attempt"] for row in figures["attempts"]} == {each.name for each in ATTEMPTS}


def test_no_brought_file_was_read_wrongly_and_the_document_says_how_many_there_were() -> None:
    figures = json.loads((ROOT / "measured/uploads.json").read_text(encoding="utf-8"))
    text = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
    names = ("right_by_default", "right_after_one_choice", "refused_with_the_reason")
    right, chosen, refused = (figures[f"layouts_{name}"] for name in names)
    assert figures["layouts_wrong"] == 0 and figures["right"] == figures["cases"]
    assert f"reads {right + chosen + refused} files in the layouts" in text
    assert f"{right} are right as they come, {chosen} after one choice, {refused} are" in text


def test_memory_levels_off_where_the_document_says() -> None:
    figures = json.loads((ROOT / "measured/memory.json").read_text(encoding="utf-8"))
    visits, (first, second) = figures["after_visits_mb"], figures["after_briefings_mb"]
    text = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
    assert f"{visits[-1]:,} MB after 500 visits, {second[-1]:,} MB after the briefings" in text
    assert figures["failed"] == 0
    assert visits[-1] < 1.05 * visits[4] and second[-1] < 1.05 * first[-1]
