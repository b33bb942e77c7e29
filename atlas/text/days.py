"""Days as they are read."""

from datetime import date


def written_day(day: date) -> str:
    """Return a day such as "1 May 2024", the same on every system."""
    return f"{day.day} {day:%B %Y}"
