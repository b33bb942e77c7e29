"""Columns by name and numbers by rule: what every reader does first.

Publishers truncate, re-space and re-spell headers between editions, so a position means
nothing; and they write suppression marks into number columns, so a number is not taken on
trust. A fault is reported with the file, the column and the first rows that show it.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook

from pipelines import PipelineError

_SEARCHED = 20  # rows for the header of a sheet


class ReadError(PipelineError):
    """A published file is not what its declaration promises; the message says what to do."""


def normalised(header: str) -> str:
    """Return a header without case, repeated spaces, line breaks and Nomis's measure suffix."""
    plain = re.sub(r"\s+", " ", header).strip().casefold()
    return plain.removesuffix("; measures: value")


def pick(frame: pd.DataFrame, wanted: Mapping[str, str], path: Path) -> pd.DataFrame:
    """Return the columns of ``frame`` named in ``wanted`` (our name -> published header).

    A published header may also be cut short (the real File 7 has one that ends in "of LSO"), as
    long as only one column fits. Raises :class:`ReadError` naming every column not found, and
    any that stands twice.
    """
    present: dict[str, list[str]] = {}
    for header in frame.columns:
        present.setdefault(normalised(str(header)), []).append(header)
    found = {ours: _matches(normalised(theirs), present) for ours, theirs in wanted.items()}
    missing = [wanted[ours] for ours, headers in found.items() if not headers]
    doubled = [wanted[ours] for ours, headers in found.items() if len(headers) > 1]
    if missing or doubled:
        raise ReadError(
            f"{path.name}: {_listed('no column named', missing)}{_listed('more than one', doubled)}"
            f"The file has: {', '.join(map(str, list(frame.columns)[:60]))}. If the publisher "
            "renamed a column, change it in atlas/catalogue/sources.toml and in the file's reader."
        )
    return pd.DataFrame({ours: frame[headers[0]] for ours, headers in found.items()})


def _matches(wanted: str, present: Mapping[str, list[str]]) -> list[str]:
    if wanted in present:
        return present[wanted]
    # A truncated header is a long prefix of the true one; short prefixes would match by accident.
    cut = [name for name in present if len(name) >= 40 and wanted.startswith(name)]
    return [header for name in cut for header in present[name]]


def _listed(what: str, names: Sequence[str]) -> str:
    return f"{what} {', '.join(repr(name) for name in names)}. " if names else ""


def numbers(
    frame: pd.DataFrame,
    names: Sequence[str],
    path: Path,
    *,
    least: float = 0.0,
    most: float = np.inf,
    blank: bool = False,
) -> pd.DataFrame:
    """Return ``frame`` with the columns ``names`` as floats.

    Blank cells become NaN where ``blank`` allows them and are a fault elsewhere. Text such as a
    suppression mark, "1,003", infinity, or a value outside ``least``..``most`` raises
    :class:`ReadError` with the first three rows (numbered as in the data, from 1).
    """
    result = frame.copy()
    problems = []
    for name in names:
        text = frame[name]
        values = pd.to_numeric(text, errors="coerce").astype(float)
        empty = text.isna() | (text.astype(str).str.strip() == "")
        bad = (values.isna() & ~empty) | np.isinf(values) | (values < least) | (values > most)
        if not blank:
            bad |= empty
        if bad.any():
            shown = [f"row {row + 1}: {text.iloc[row]!r}" for row in np.flatnonzero(bad)[:3]]
            problems.append(f"'{name}' has {int(bad.sum())} bad values ({'; '.join(shown)})")
        result[name] = values
    if problems:
        raise ReadError(
            f"{path.name}: {'; '.join(problems)}. Expected numbers from {least:g} to {most:g}"
            f"{', or blank' if blank else ''}. Check the file against the publisher's page."
        )
    return result


def coded(frame: pd.DataFrame, name: str, prefix: str, path: Path) -> pd.DataFrame:
    """Return rows by codes of ``prefix``; :class:`ReadError` for malformed or repeated ones."""
    codes = frame[name].astype(str).str.strip()
    kept = frame.assign(**{name: codes})[codes.str.startswith(prefix)]
    malformed = kept[~kept[name].str.fullmatch(r"[EWSNK]\d{8}")]
    doubled = kept[kept[name].duplicated()]
    if len(malformed) or len(doubled) or kept.empty:
        raise ReadError(
            f"{path.name}: {len(kept)} rows with codes {prefix}…, {len(malformed)} malformed "
            f"{list(malformed[name][:3])}, {len(doubled)} repeated {list(doubled[name][:3])}. "
            "Download the file again, or check that it is the edition in "
            "atlas/catalogue/sources.toml."
        )
    return kept.sort_values(name, ignore_index=True)


def read_coded(path: Path, wanted: Mapping[str, str], prefix: str) -> pd.DataFrame:
    """Read columns of a CSV file by :func:`pick`, rows by :func:`coded` of the first column."""
    return coded(pick(read_text_csv(path), wanted, path), next(iter(wanted)), prefix, path)


def read_text_csv(path: Path) -> pd.DataFrame:
    """Read a CSV file with every cell as text ('' for blank), UTF-8 with or without a BOM."""
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (UnicodeDecodeError, pd.errors.ParserError) as error:
        raise ReadError(
            f"{path.name} is not a readable UTF-8 CSV file ({error}). Download it again."
        ) from error


def read_sheet(path: Path, sheet: str, key: str) -> pd.DataFrame:
    """Read one sheet, whose header is the first row (of 20) that holds the column ``key``.

    Returns cells as the workbook has them, None for empty. Raises :class:`ReadError` where the
    sheet or the header row is not there.
    """
    try:
        workbook = CalamineWorkbook.from_path(path)
        names = {normalised(name): name for name in workbook.sheet_names}
        rows = workbook.get_sheet_by_name(names[normalised(sheet)]).to_python()
    except KeyError as error:
        raise ReadError(
            f"{path.name} has no sheet '{sheet}' (it has: {', '.join(names.values())}). "
            "Check that it is the edition in atlas/catalogue/sources.toml."
        ) from error
    except (CalamineError, OSError) as error:
        raise ReadError(f"{path.name} is not a readable workbook. Download it again.") from error
    for place, row in enumerate(rows[:_SEARCHED]):
        if normalised(key) in {normalised(str(cell)) for cell in row}:
            cells = [[None if cell == "" else cell for cell in line] for line in rows[place + 1 :]]
            return pd.DataFrame(cells, columns=[str(cell) for cell in row])
    raise ReadError(
        f"{path.name}, sheet '{sheet}': no header row with '{key}' in the first {_SEARCHED} rows."
    )
