"""What a brought file may be at most, and what its reading may cost."""

import os

MEBIBYTE = 1024 * 1024

MOST_BYTES = 10 * MEBIBYTE
MOST_ROWS = 200_000
# Columns that are not used are passed over, but a table this wide is a mistake.
MOST_COLUMNS = 1_000
LONGEST_HEADING = 200

# A workbook is a zip of XML: what it may unpack to, and how many filled cells it may have. A
# fuller table is read as CSV, in a fraction of the time.
MOST_CELLS = 2_500_000
MOST_MEMBERS = 1_000
MOST_UNPACKED = 150 * MEBIBYTE
MOST_RATIO = 200
# Small members pack very well without meaning harm.
RATIO_FROM = MEBIBYTE

# The reading process: address space, processor seconds, and how far it stands back behind the
# pages of other visitors. Seconds of the clock are for a busy server, not for the file.
PROCESS_BYTES = 640 * MEBIBYTE
PROCESS_CPU_SECONDS = 12
PROCESS_NICENESS = 19
DEADLINE_SECONDS = 60
# How many files are read at once, so that half of the processors are left to pages, how many wait
# for a turn, and for how long.
AT_ONCE = max((os.cpu_count() or 2) // 2, 1)
MOST_WAITING = 20
WAIT_SECONDS = 60
