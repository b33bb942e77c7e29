"""From the publishers' files to the snapshot that the app reads.

fetch    sources.toml -> files in a download folder      (the only part that uses the network)
readers  one published file -> one tidy table, columns matched by name
join     small areas -> wards: sum counts, then divide; weight scores
checks   what must be true before anything is published
build    runs these and publishes ``data/`` in one atomic step
"""


class PipelineError(Exception):
    """Something could not be fetched, read, checked or published; the message says what to do."""
