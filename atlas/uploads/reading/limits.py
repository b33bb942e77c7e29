"""What a brought file may be at most, and what its reading may cost."""

MEBIBYTE = 1024 * 1024

MOST_BYTES = 10 * MEBIBYTE
MOST_ROWS = 20_000
MOST_COLUMNS = 50
LONGEST_CELL = 500
LONGEST_HEADING = 100

# A workbook is a zip of XML: what it may unpack to, and how many filled cells it may have. A
# fuller table is read as CSV, in a fraction of the time.
MOST_CELLS = 400_000
MOST_MEMBERS = 1_000
MOST_UNPACKED = 50 * MEBIBYTE
MOST_RATIO = 200
# Small members pack very well without meaning harm.
RATIO_FROM = MEBIBYTE

# The reading process: address space, processor seconds, and seconds until it is killed.
PROCESS_BYTES = 288 * MEBIBYTE
PROCESS_CPU_SECONDS = 4
DEADLINE_SECONDS = 10
# How many files are read at once, and how long the next visitor waits for a turn.
AT_ONCE = 2
WAIT_SECONDS = 15
