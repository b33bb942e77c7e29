"""How old the data is, and whether a refresh went wrong, in sentences for the foot of a page."""

from datetime import date

from atlas.snapshot.versions import COMMITTED, State
from atlas.text.days import written_day


def age_sentences(
    state: State, shown: str, newest: date, today: date, damaged: bool = False
) -> tuple[str, ...]:
    """Return what a reader should know about the age of what is shown.

    ``shown`` is the version on the page (``data`` for the committed folder), ``newest`` the day
    that the newest of its figures describe. ``damaged`` tells that the version in force is.
    """
    said = [f"The newest figures are dated {newest:%B %Y}{_months(newest, today)}."]
    current = state.current
    if damaged:
        said.append("The newest files on this server are damaged, so the last good ones are shown.")
    elif current and current.version == shown != COMMITTED:
        said.append(
            f"This version was published on {written_day(current.at)}{_ago(current.at, today)}."
        )
    elif current and any(entry.version == shown for entry in state.history):
        word = "A newer" if current.how == "refresh" else "Another"
        said.append(
            f"{word} version was published on {written_day(current.at)}: "
            "reload this page to see it."
        )
    last = state.last_refresh
    if last and not last.ok:
        said.append(
            f"The refresh of {written_day(last.at)} failed, so the last good figures are shown."
        )
    elif last and last.kept:
        files = "1 published file" if len(last.kept) == 1 else f"{len(last.kept)} published files"
        said.append(
            f"At the refresh of {written_day(last.at)} {files} could not be fetched again: "
            f"the last good {'copy is' if len(last.kept) == 1 else 'copies are'} used."
        )
    return tuple(said)


def _ago(at: date, today: date) -> str:
    days = (today - date(at.year, at.month, at.day)).days
    if days <= 0:
        return ", today"
    return ", yesterday" if days == 1 else f", {days} days ago"


def _months(day: date, today: date) -> str:
    months = (today.year - day.year) * 12 + today.month - day.month
    if months < 1:
        return ""
    return f", {months} {'month' if months == 1 else 'months'} ago"
