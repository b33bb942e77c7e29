"""Sheets of Excel workbooks as tables of raw cells."""

from pathlib import Path

import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook

from pipelines.readers.fields import ReadError, normalised


def read_sheet(path: Path, sheet: str, key: str, search: int = 20) -> pd.DataFrame:
    """Read one sheet, whose header is the first row (of ``search``) that holds the column ``key``.

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
    for place, row in enumerate(rows[:search]):
        if normalised(key) in {normalised(str(cell)) for cell in row}:
            cells = [[None if cell == "" else cell for cell in line] for line in rows[place + 1 :]]
            return pd.DataFrame(cells, columns=[str(cell) for cell in row])
    raise ReadError(
        f"{path.name}, sheet '{sheet}': no header row with '{key}' in the first {search} rows."
    )
