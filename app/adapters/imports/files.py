"""The files of a source, whether it is a folder, one file or an archive."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from app.domain.errors import InvalidFile, TooLarge

MAX_UNPACKED = 4 * 1024**3
"""Bytes. Shopify's archive of 10 MB holds 135 MB; one that holds gigabytes is no taxonomy."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Files:
    """Files by their path within the source, which is how reports name them."""

    label: str
    """The name of the folder, file or archive."""
    paths: Mapping[str, Path]

    def ending(self, *suffixes: str) -> list[str]:
        """Return the names that end in one of the suffixes, in order."""
        return [name for name in self.paths if name.lower().endswith(suffixes)]

    def size(self, names: list[str]) -> int:
        """Return how many bytes some files have."""
        return sum(self.paths[name].stat().st_size for name in names)


@contextmanager
def opened(source: Path) -> Iterator[Files]:
    """Give the files of a source; an archive is unpacked into a temporary folder that goes again."""
    if source.is_dir():
        yield _folder(source, source.name)
    elif not source.exists():
        raise InvalidFile(f"there is no file or folder {str(source)!r}", field="SOURCE")
    elif zipfile.is_zipfile(source) or tarfile.is_tarfile(source):
        with TemporaryDirectory(prefix="tagwright-import-") as folder:
            _unpack(source, Path(folder))
            yield _folder(Path(folder), source.name)
    else:
        yield Files(label=source.name, paths={source.name: source})


def _folder(folder: Path, label: str) -> Files:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return Files(label=label, paths={path.relative_to(folder).as_posix(): path for path in paths})


def _unpack(source: Path, folder: Path) -> None:
    try:
        if zipfile.is_zipfile(source):
            with zipfile.ZipFile(source) as packed:
                _limit(source, sum(info.file_size for info in packed.infolist()))
                packed.extractall(folder)  # leaves out drive letters and ".."
            return
        with tarfile.open(source) as unpacked:
            size = 0
            for member in unpacked:
                size += member.size
                _limit(source, size)
                unpacked.extract(member, folder, filter="data")  # refuses what would land outside the folder
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as exc:
        raise InvalidFile(f"{source.name} cannot be unpacked: {exc}", field="SOURCE") from exc


def _limit(source: Path, size: int) -> None:
    if size > MAX_UNPACKED:
        raise TooLarge(f"{source.name} holds more than {MAX_UNPACKED // 1024**3} GB", field="SOURCE")
