"""A small client of the HTTP API: requests, problems as exceptions, uploads and their jobs."""

import http.client
import json
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from tools.errors import ApiError, JobStuck, Unreachable, UploadRefused
from tools.multipart import MultipartFile

type Json = dict[str, Any]
type Progress = Callable[[Json], None]

FINISHED = frozenset({"completed", "completed_with_errors", "failed", "refused"})
COUNTS_PENDING = "counts_pending"
_MOST_IN_A_PAGE = 200
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Reply:
    """`headers` have lower-case names; `body` is the JSON of `content`, None when there is none."""

    status: int
    headers: Mapping[str, str]
    body: Any
    content: bytes


class Client:
    """The API as one caller sees it, in one workspace (None: the caller's only one)."""

    def __init__(
        self,
        api_url: str,
        token: str | None,
        workspace: str | None = None,
        *,
        timeout_seconds: float = 30,
    ) -> None:
        self._api_url = api_url.rstrip("/")
        self._timeout_seconds = timeout_seconds
        self._headers = {"Accept": "application/json"}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"
        if workspace is not None:
            self._headers["Stageline-Workspace"] = workspace

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Return the answer, whatever its status. Raises Unreachable.

        `query` values may be lists; None is left out.
        """
        given = {name: value for name, value in (query or {}).items() if value is not None}
        url = (
            self._api_url + quote(path, safe="/%") + (f"?{urlencode(given, True)}" if given else "")
        )
        sent = self._headers | dict(headers or {})
        content = None
        if body is not None:
            content = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        status, found, raw = exchange(method, url, sent, content, self._timeout_seconds)
        try:
            return Reply(status, found, json.loads(raw) if raw else None, raw)
        except ValueError:
            raise Unreachable(f"what answers at {self._api_url} is not Stageline") from None

    def get(self, path: str, **query: Any) -> Any:
        """Return the body. Raises ApiError, Unreachable, like the methods below."""
        return self._body("GET", path, query=query)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """`headers` are written with underscores: `Idempotency_Key="…"`."""
        return self._body("POST", path, body=body, headers=_header_names(headers))

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._body("PUT", path, body=body, headers=_header_names(headers))

    def patch(self, path: str, body: Any, if_match: str) -> Any:
        return self._body("PATCH", path, body=body, headers={"If-Match": if_match})

    def delete(self, path: str, **headers: str) -> Any:
        return self._body("DELETE", path, headers=_header_names(headers))

    def content(self, path: str, **query: Any) -> bytes:
        """Return the body byte by byte."""
        return self._fine("GET", path, query=query).content

    def _body(self, method: str, path: str, **request: Any) -> Any:
        return self._fine(method, path, **request).body

    def _fine(self, method: str, path: str, **request: Any) -> Reply:
        reply = self.send(method, path, **request)
        if reply.status >= 400:
            raise ApiError(reply.status, reply.body if isinstance(reply.body, dict) else {})
        return reply


def import_file(
    client: Client,
    records: str,
    path: Path,
    mapping: Json | None = None,
    dry_run: bool = False,
    on_progress: Progress | None = None,
    patience_seconds: float = 600,
) -> Json:
    """Upload a file of `records` (like "accounts") and return its job when it is finished.

    `mapping` is the mapping file's content. A finished job's stages are right. Raises ApiError,
    Unreachable, UploadRefused, and JobStuck after `patience_seconds` without progress.
    """
    asked: Json = {"records": records, "dry_run": dry_run}
    if mapping is not None:
        asked["mapping"] = mapping
    job = client.post("/v1/imports", asked)
    upload(job["upload"], path)
    return wait_for_import(client, job["id"], on_progress, patience_seconds)


def wait_for_import(
    client: Client, job_id: str, on_progress: Progress | None, patience_seconds: float
) -> Json:
    """Return the import when it is finished. Raises ApiError, Unreachable, JobStuck."""
    return wait_for_job(client, f"/v1/imports/{job_id}", on_progress, patience_seconds)


def wait_for_job(
    client: Client,
    path: str,
    on_progress: Progress | None,
    patience_seconds: float = 1_800,
    finished: Collection[str] = FINISHED,
) -> Json:
    """Return the job when it is finished: when its status is one of these.

    Raises ApiError, Unreachable, JobStuck.
    """
    pause_seconds = _FIRST_PAUSE_SECONDS
    before: Json = {}
    moved_at = time.monotonic()
    while True:
        job: Json = client.get(path)
        if on_progress is not None:
            on_progress(job)
        if job["status"] in finished:
            return job
        if job != before:
            before, moved_at = job, time.monotonic()
        elif time.monotonic() - moved_at > patience_seconds:
            raise JobStuck(f"{path} made no progress for {patience_seconds:.0f} s")
        time.sleep(pause_seconds)
        pause_seconds = min(pause_seconds * 1.5, _LONGEST_PAUSE_SECONDS)


def get_list(
    client: Client, path: str, limit: int, cursor: str | None = None, **query: Any
) -> Json:
    """Return up to so many items of a list, and the cursor of what follows.

    Raises ApiError, Unreachable.
    """
    items: list[Any] = []
    while True:
        # A page may be short, even empty: only a missing cursor is the end.
        most = min(limit - len(items), _MOST_IN_A_PAGE)
        page = client.get(path, limit=most, cursor=cursor, **query)
        items += page["items"]
        cursor = page["next_cursor"]
        if not cursor or len(items) >= limit:
            return {"items": items, "next_cursor": cursor}


def get_counts(client: Client, query: Mapping[str, Any], patience_seconds: float = 900) -> Json:
    """Return counts by stage, also when they have to be made first.

    Raises ApiError, Unreachable, and JobStuck when they are not made in that time.
    """
    pause_seconds = _FIRST_PAUSE_SECONDS
    asked_at = time.monotonic()
    while True:
        try:
            answer: Json = client.get("/v1/schemes/crm_stage/counts", **query)
            return answer
        except ApiError as error:
            if error.code != COUNTS_PENDING:
                raise
            if time.monotonic() - asked_at > patience_seconds:
                job_id = error.problem.get("job", {}).get("id")
                told = f"the counts are not made after {patience_seconds:.0f} s (job {job_id})"
                raise JobStuck(told) from error
        time.sleep(pause_seconds)
        pause_seconds = min(pause_seconds * 1.5, _LONGEST_PAUSE_SECONDS)


def upload(form: Json, path: Path) -> None:
    """Send a file by presigned POST, in flat memory. Raises UploadRefused, Unreachable."""
    with MultipartFile(form["fields"], path) as content:
        headers = {"Content-Type": content.content_type, "Content-Length": str(len(content))}
        status, _, _ = exchange("POST", form["url"], headers, content, timeout_seconds=600)
    if status >= 300:
        raise UploadRefused(f"the bucket refused {path.name} ({status})")


def exchange(
    method: str, url: str, headers: Mapping[str, str], content: Any, timeout_seconds: float
) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers (lower case) and content. Raises Unreachable."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    # Names below localhost are the machine itself (RFC 6761), but Python's resolver knows none.
    address = "127.0.0.1" if host.endswith(".localhost") else host
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(address, parts.port, timeout=timeout_seconds)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path or "/"
    try:
        connection.request(method, target, content, {"Host": parts.netloc, **headers})
        reply = connection.getresponse()
        found = {name.lower(): value for name, value in reply.getheaders()}
        return reply.status, found, reply.read()
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"nothing answers at {parts.scheme}://{parts.netloc}") from error
    finally:
        connection.close()


def _header_names(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
