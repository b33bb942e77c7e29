"""Reading zip files that somebody else made: one named member at a time, within ceilings.

Nothing is ever extracted to disk, so a member's path cannot lead out of a folder; it is refused
all the same, since an honest publisher has no such member.
"""

import io
import re
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pipelines import PipelineError

DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError)
NESTED = 2  # Ofcom publishes zips inside a zip; deeper than that nobody has a reason to go


class ArchiveError(PipelineError):
    """A zip file is damaged or dangerous; the message says how and what to do."""


class NoSuchMemberError(ArchiveError, LookupError):
    """No member has the wanted name."""


@dataclass(frozen=True)
class Ceilings:
    """How much a zip may unpack to: bytes in all, times its own size, and number of members.

    Our largest archive unpacks to 600 MB; a workbook's XML, to fifty times its packed size.
    """

    total_bytes: int = 2_000_000_000
    ratio: int = 200
    members: int = 5_000


USUAL = Ceilings()


def members(path: Path) -> list[str]:
    """Return the names of the files in a zip, in its order, after every check but the CRCs."""
    with _opened(path) as archive:
        return [entry.filename for entry in _sound_entries(archive, path.name)]


def open_member(path: Path, pattern: str) -> IO[bytes]:
    """Open the one member whose path matches the regular expression ``pattern``.

    Zips inside the zip are searched too. Raises :class:`NoSuchMemberError` where none matches
    and :class:`ArchiveError` where the zip is not sound or several match.
    """
    found: dict[str, bytes] = {}
    what = path.name
    try:
        # What lies inside an inner zip is meant only where nothing outside it is named so.
        for depth in range(NESTED + 1):
            with _opened(path) as archive:
                for name, file in _walk(archive, path.name, pattern, depth):
                    what = f"{path.name}: {name}"
                    if found:
                        raise ArchiveError(
                            f"{path.name}: several files are named like {pattern}: "
                            f"{', '.join([*found, name])}."
                        )
                    found[name] = file.read()
            if found:
                break
    except DAMAGE as error:
        raise ArchiveError(f"{what} is damaged ({error}). Download it again.") from error
    if not found:
        raise NoSuchMemberError(
            f"{path.name} has no file named like {pattern}. Check that it is the edition in "
            "atlas/catalogue/sources.toml."
        )
    return io.BytesIO(*found.values())


def walk(path: Path, pattern: str) -> Iterator[tuple[str, IO[bytes]]]:
    """Give the path and the open content of every file whose path matches ``pattern``.

    Files inside zips inside the zip come too. Each is to be read before the next is asked for, and
    is streamed: only one inner zip at a time lies, unpacked, in a temporary file. Raises
    :class:`ArchiveError` where a zip is not sound.
    """
    with _opened(path) as archive:
        yield from _walk(archive, path.name, pattern, NESTED)


def faults_in_zip(path: Path, ceilings: Ceilings = USUAL) -> list[str]:
    """Return what is wrong with a zip (or workbook) as a whole, CRCs included; none is sound."""
    try:
        with _opened(path) as archive:
            _sound_entries(archive, path.name, ceilings)
            damaged = archive.testzip()
            # Zips inside the zip too: no path matches, so all are gone through.
            list(_walk(archive, path.name, "(?!)", NESTED))
    except ArchiveError as error:
        return [str(error)]
    except (*DAMAGE, ValueError) as error:
        return [f"{path.name} is a damaged zip ({error})"]
    return [f"{path.name}: member {damaged} is damaged"] if damaged else []


def _opened(file: Path | IO[bytes], name: str = "") -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        shown = file.name if isinstance(file, Path) else name
        raise ArchiveError(
            f"{shown} is not a readable zip file ({error}). Download it again."
        ) from error


def _sound_entries(
    archive: zipfile.ZipFile, name: str, ceilings: Ceilings = USUAL
) -> list[zipfile.ZipInfo]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    packed = sum(entry.compress_size for entry in entries)
    unpacked = sum(entry.file_size for entry in entries)
    names = [entry.filename for entry in entries]
    problems = [f"a path that leads elsewhere ({n!r})" for n in names if _leads_elsewhere(n)]
    links = [entry.filename for entry in entries if stat.S_ISLNK(entry.external_attr >> 16)]
    problems += [f"a symbolic link ({name!r})" for name in links]
    problems += ["two members of the same name"] if len(set(names)) < len(names) else []
    problems += ["an encrypted member"] if any(e.flag_bits & 1 for e in entries) else []
    if len(entries) > ceilings.members:
        problems.append(f"{len(entries):,} members, more than {ceilings.members:,}")
    if unpacked > ceilings.total_bytes or unpacked > ceilings.ratio * max(packed, 100_000):
        problems.append(f"{unpacked:,} bytes packed into {packed:,}")
    if problems:
        raise ArchiveError(
            f"{name} is refused: it has {'; '.join(problems[:5])}. It is not the publisher's file; "
            "download it again from the official page."
        )
    return entries


def _leads_elsewhere(name: str) -> bool:
    parts = re.split(r"[/\\]", name)
    return name.startswith(("/", "\\")) or ".." in parts or ":" in name or "\0" in name


def _walk(
    archive: zipfile.ZipFile, name: str, pattern: str, depth: int
) -> Iterator[tuple[str, IO[bytes]]]:
    for entry in _sound_entries(archive, name):
        if re.search(pattern, entry.filename):
            with archive.open(entry) as file:
                yield entry.filename, file
        elif depth and entry.filename.lower().endswith(".zip"):
            with tempfile.TemporaryFile() as copy, archive.open(entry) as file:
                shutil.copyfileobj(file, copy)
                with _opened(copy, entry.filename) as inner:
                    for path, content in _walk(inner, entry.filename, pattern, depth - 1):
                        yield f"{entry.filename}/{path}", content
