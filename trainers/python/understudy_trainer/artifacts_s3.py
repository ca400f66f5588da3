"""The artifact store in a bucket, with the same layout and promises as src/stores/artifacts/s3-store.ts, by requests that are signed here.

Invariant: an object under its digest has that digest: the store checks it when it is written, and we check what we read.
Why no SDK: three requests are needed, and the trainer installs only what trains.
"""

from __future__ import annotations

import base64
import configparser
import hashlib
import hmac
import os
import time
import urllib.error
import urllib.request
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Mapping
from urllib.parse import quote, urlparse

from .failures import TrainerFailure

TIMEOUT_SECONDS = 60
ATTEMPTS, FIRST_WAIT_SECONDS = 4, 0.3
#: An object that is put again is renewed when it is older; far below the time that retention spares what is young.
RENEW_AFTER_SECONDS = 3600
EMPTY = hashlib.sha256(b"").hexdigest()


class S3Artifacts:
    """Immutable bytes by SHA-256 in `s3://bucket/prefix`. Fails with CONFIG_INVALID without credentials or a region."""

    def __init__(self, root_url: str, environment: Mapping[str, str] = os.environ) -> None:
        url = urlparse(root_url)
        prefix = url.path.strip("/")
        self.address = f"s3://{url.netloc}" + (f"/{prefix}" if prefix else "")
        self.start = f"{prefix}/" if prefix else ""
        self.key_id, self.secret, self.token = _credentials(environment, self.address)
        endpoint = environment.get("AWS_ENDPOINT_URL_S3")
        self.region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or ("us-east-1" if endpoint else "")
        if not self.region:
            raise TrainerFailure("CONFIG_INVALID", f'AWS_REGION is not set, and ARTIFACT_STORE is "{self.address}".')
        self.base = f"{endpoint.rstrip('/')}/{url.netloc}" if endpoint else f"https://{url.netloc}.s3.{self.region}.amazonaws.com"

    def read(self, ref: dict[str, Any]) -> bytes:
        """The bytes of a reference, after their digest was checked."""
        sha256 = ref["sha256"]
        answer = self._ask("GET", sha256)
        if answer is None:
            raise TrainerFailure("ARTIFACT_MISSING", f"The artifact {sha256} is not in {self.address}.")
        found = answer[0]
        digest = hashlib.sha256(found).hexdigest()
        if digest != sha256:
            raise TrainerFailure(
                "ARTIFACT_CORRUPT", f"The object of {sha256} in {self.address} has the digest {digest}."
            )
        return found

    def put(self, content: bytes, media_type: str, rows: int | None = None) -> dict[str, Any]:
        """Stores bytes and gives their reference; the same bytes are stored once."""
        sha256 = hashlib.sha256(content).hexdigest()
        if not self._is_recent(sha256, len(content)):
            self._ask("PUT", sha256, content)
        ref = {"uri": f"artifact://sha256/{sha256}", "sha256": sha256, "bytes": len(content), "mediaType": media_type}
        return ref if rows is None else {**ref, "rows": rows}

    def _is_recent(self, sha256: str, size: int) -> bool:
        answer = self._ask("HEAD", sha256)
        if answer is None or answer[1].get("Content-Length") != str(size):
            return False
        changed = parsedate_to_datetime(answer[1]["Last-Modified"])
        return (datetime.now(timezone.utc) - changed).total_seconds() < RENEW_AFTER_SECONDS

    def _ask(self, method: str, sha256: str, body: bytes | None = None) -> tuple[bytes, Mapping[str, str]] | None:
        """One request, tried again while the store is away; None: there is no such object."""
        for attempt in range(1, ATTEMPTS + 1):
            request = self._signed(method, f"{self.start}{sha256[:2]}/{sha256}", body)
            try:
                with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
                    return answer.read(), answer.headers
            except urllib.error.HTTPError as error:
                if error.code == 404 and b"NoSuchBucket" not in error.read():
                    if method != "PUT":
                        return None
                found = f"status {error.code}"
                if error.code < 500 and error.code not in (408, 429):
                    raise TrainerFailure(
                        "CONFIG_INVALID", f'ARTIFACT_STORE is "{self.address}": the store refuses ({method}, {found}).'
                    ) from error
                if error.code == 507:
                    raise TrainerFailure("STORE_FULL", f"The artifact store {self.address} is full ({found}).") from error
            except OSError as error:
                found = str(getattr(error, "reason", error))
            if attempt < ATTEMPTS:
                time.sleep(FIRST_WAIT_SECONDS * 2**attempt)
        raise TrainerFailure("STORE_UNAVAILABLE", f"The artifact store {self.address} failed to answer ({found}).")

    def _signed(self, method: str, key: str, body: bytes | None) -> urllib.request.Request:
        """A request with AWS Signature Version 4 in its headers."""
        url = f"{self.base}/{quote(key, safe='/-_.~')}"
        parts = urlparse(url)
        now = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        digest = EMPTY if body is None else hashlib.sha256(body).hexdigest()
        headers = {"host": parts.netloc, "x-amz-content-sha256": digest, "x-amz-date": now}
        if body is not None:
            headers["x-amz-checksum-sha256"] = base64.b64encode(bytes.fromhex(digest)).decode()
        if self.token:
            headers["x-amz-security-token"] = self.token
        names = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
        canonical = "\n".join([method, parts.path, "", lines, names, digest])
        scope = f"{now[:8]}/{self.region}/s3/aws4_request"
        text = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        secret = f"AWS4{self.secret}".encode()
        for part in scope.split("/"):
            secret = hmac.digest(secret, part.encode(), "sha256")
        signature = hmac.new(secret, text.encode(), "sha256").hexdigest()
        headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self.key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
        )
        return urllib.request.Request(url, data=body, headers=headers, method=method)


def _credentials(environment: Mapping[str, str], address: str) -> tuple[str, str, str]:
    """Key id, secret and session token: of the variables, else of the profile in the credentials file."""
    if environment.get("AWS_ACCESS_KEY_ID") and environment.get("AWS_SECRET_ACCESS_KEY"):
        token = environment.get("AWS_SESSION_TOKEN", "")
        return environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"], token
    path = environment.get("AWS_SHARED_CREDENTIALS_FILE") or str(Path.home() / ".aws" / "credentials")
    profile = environment.get("AWS_PROFILE") or "default"
    file = configparser.RawConfigParser()
    file.read(path)
    if file.has_option(profile, "aws_access_key_id") and file.has_option(profile, "aws_secret_access_key"):
        of = file[profile]
        return of["aws_access_key_id"], of["aws_secret_access_key"], of.get("aws_session_token", "")
    raise TrainerFailure(
        "CONFIG_INVALID",
        f'ARTIFACT_STORE is "{address}", and there are no credentials; the Python trainer takes AWS_ACCESS_KEY_ID and '
        f"AWS_SECRET_ACCESS_KEY, or the profile {profile} of {path}.",
    )
