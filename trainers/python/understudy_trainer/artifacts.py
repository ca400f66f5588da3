"""The artifact store in a directory, with the same layout and promises as src/stores/artifacts/artifacts-file.ts.

Invariant: a file under its digest is complete; it is written in <root>/tmp, flushed, and only then renamed.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from .failures import TrainerFailure


class FileArtifacts:
    """Immutable bytes by SHA-256. `root_url`: `file:///…` or a path; anything else fails with CONFIG_INVALID."""

    def __init__(self, root_url: str) -> None:
        url = urlparse(root_url)
        if url.scheme not in ("", "file"):
            raise TrainerFailure(
                "CONFIG_INVALID",
                f'ARTIFACT_STORE is "{root_url}": {url.scheme}:// is not supported; '
                "allowed are file:///directory, a path, and s3://bucket/prefix.",
            )
        self.root = Path(unquote(url.path)) if url.scheme == "file" else Path(root_url)

    def _path(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256

    def read(self, ref: dict[str, Any]) -> bytes:
        """The bytes of a reference, after their digest was checked."""
        sha256 = ref["sha256"]
        try:
            found = self._path(sha256).read_bytes()
        except FileNotFoundError as error:
            raise TrainerFailure("ARTIFACT_MISSING", f"The artifact {sha256} is not in {self.root}.") from error
        digest = hashlib.sha256(found).hexdigest()
        if digest != sha256:
            raise TrainerFailure(
                "ARTIFACT_CORRUPT", f"The file {self._path(sha256)} has the digest {digest}; its name says {sha256}."
            )
        return found

    def put(self, content: bytes, media_type: str, rows: int | None = None) -> dict[str, Any]:
        """Stores bytes and gives their reference; the same bytes are stored once."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(sha256)
        if path.exists() and path.stat().st_size == len(content):
            os.utime(path)
        else:
            self._write(path, content)
        ref = {"uri": f"artifact://sha256/{sha256}", "sha256": sha256, "bytes": len(content), "mediaType": media_type}
        return ref if rows is None else {**ref, "rows": rows}

    def _write(self, path: Path, content: bytes) -> None:
        scratch = self.root / "tmp" / f"{uuid.uuid4()}.part"
        try:
            scratch.parent.mkdir(parents=True, exist_ok=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(scratch, "xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(scratch, path)
        except OSError as error:
            scratch.unlink(missing_ok=True)
            error.filename = error.filename or str(path)
            raise
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
