"""The briefing as one web page that needs nothing else: read offline, printed on A4 landscape."""

from html import escape
from pathlib import Path

from atlas.briefing.briefing import Briefing, base_and_date
from atlas.briefing.html import (
    bars_html,
    grid_html,
    headlines_html,
    help_html,
    limits_html,
    map_html,
    questions_html,
    wards_html,
)
from atlas.briefing.slides import Grid, NoOwnerError, Stamp, origin_rows, source_lines
from atlas.files.spreadsheets import HOW_NOT_TO_USE
from atlas.maps.static_map import Picture

# The page may show what it carries: it runs and fetches nothing.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)
_SERIES = ("Share of all residents", "Share of residents in highest-risk wards")
_LOOK = """
:root { --ink: #1a1f26; --quiet: #545d68; --line: #d3d9df; --ground: #f3f5f7; --brand: #12436d; }
@page { size: A4 landscape; margin: 10mm 12mm; }
* { box-sizing: border-box; }
html { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
body { margin: 1rem auto; padding: 0 1rem; max-width: 1120px; color: var(--ink); background: #fff;
  font: 13px/1.4 Arial, Helvetica, sans-serif; }
h1 { font-size: 1.75rem; margin: 0; color: var(--brand); }
section.page { break-after: page; padding-bottom: 1rem; }
section.page:last-of-type { break-after: auto; }
.columns { display: grid; gap: 1rem; margin-top: 0.625rem; }
.three { grid-template-columns: repeat(3, 1fr); } .two { grid-template-columns: 1fr 1fr; }
footer { border-top: 1px solid var(--line); margin-top: 0.625rem; color: var(--quiet);
  font-size: 0.75rem; }
.brief-bars { border-collapse: collapse; width: 100%; font-size: 0.8125rem; }
.brief-bars caption { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); }
.brief-bars th { text-align: left; font-weight: 400; padding: 2px 6px 2px 0; }
.brief-bars thead th { font-weight: 700; vertical-align: bottom; }
.brief-bars td { width: 38%; padding: 2px 0; white-space: nowrap; }
.brief-bar { display: inline-block; height: 0.75rem; margin-right: 4px; vertical-align: -1px;
  border: 0.5px solid #12436d; }
.brief-bar-all { background: #a9bed1; } .brief-bar-target { background: #12436d; }
.brief-own th { font-weight: 700; }
.brief-grid { font-size: 0.75rem; }
.brief-grid thead { display: table-header-group; } .brief-grid tr { break-inside: avoid; }
.brief-people { float: none; display: block; }
@media print {
  html { font-size: 15.5px; }
  body { max-width: none; margin: 0; padding: 0; font-size: 10.5pt; }
  .brief-three { grid-template-columns: repeat(3, 1fr); }
  .brief-questions { grid-template-columns: 1fr 1fr; }
  .brief-number span { font-size: 1.875rem; }
  .brief-grid { font-size: 7pt; }
  .brief-grid th, .brief-grid td { padding: 1pt 6pt 1pt 0; }
}
@media (max-width: 760px) { .three, .two { grid-template-columns: 1fr; } }
"""


def pack_page(briefing: Briefing, stamp: Stamp, picture: Picture, style: Path) -> bytes:
    """Return the pack as a self-contained HTML page in UTF-8.

    ``style`` is the style sheet that the panels share with the page on screen. Raises
    :class:`slides.NoOwnerError` without an owner's name and ``OSError`` without the sheet.
    """
    if not stamp.owner:
        raise NoOwnerError("name the owner first: a pack is not made without one")
    title, fair = escape(briefing.title), briefing.fairness
    foot = (
        f"<footer>{escape(base_and_date())}<br>Digital Inclusion Atlas · {escape(stamp.words)}"
        "</footer>"
    )
    bars = bars_html(fair.brief(), _SERIES) if fair.comparable else ""
    rest = f"<p class='brief-small'>{escape(fair.rest_said.text)}</p>" if bars else ""
    origins = Grid(
        "Every number with the published table that it comes from",
        ("Number", "Shown", "Worked out as", "Rows"),
        origin_rows(briefing.numbers()),
        (2, 1, 4, 3),
        frozenset({1}),
    )
    sources = "".join(f"<li>{escape(line)}</li>" for line in source_lines())
    uses = "".join(f"<li>{escape(line)}</li>" for line in HOW_NOT_TO_USE)
    page = f"""<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<style>{style.read_text(encoding="utf-8")}{_LOOK}</style></head><body><main>
<section class="page"><h1>{title}</h1>
<p class="brief-about">{escape(briefing.about)} · {escape(stamp.words)}</p>
{headlines_html(briefing)}
<div class="columns three"><div><h2 class="brief-h2">Where the risk is</h2>
{map_html(briefing, picture)}</div>
<div><h2 class="brief-h2">Is it fair?</h2><p>{escape(fair.said.text)}</p>{bars}{rest}</div>
<div><h2 class="brief-h2">Five wards to start with</h2>{wards_html(briefing)}</div></div>
{foot}</section>
<section class="page"><div class="columns two"><div>
<h2 class="brief-h2">Where help is missing</h2><div class="brief-text">{help_html(briefing)}</div>
<h2 class="brief-h2">What the data cannot say</h2>
<div class="brief-text">{limits_html(briefing)}</div></div>
<div><h2 class="brief-h2">How not to use these figures</h2><ul class="brief-text">{uses}</ul></div>
</div><h2 class="brief-h2">Six questions for your team</h2>
<div class="brief-text">{questions_html(briefing)}</div>{foot}</section>
<section class="page"><h2 class="brief-h2">Where each number comes from</h2>
{grid_html(origins)}
<h2 class="brief-h2">Sources and licences</h2><ul class="brief-text">{sources}</ul>{foot}</section>
</main></body></html>
"""
    return page.encode()
