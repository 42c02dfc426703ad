"""What goes wrong for a person at the command; every text is one line that says so.

StagelineError
├── ProfileError       nothing says where Stageline answers, or as whom
├── CommandFailed      what was asked cannot be done
├── CertificateRefused a certificate is not as it was signed; `code` says what is wrong
├── Unreachable        nothing answers there, or something else does
├── ApiError           the API said no: status and problem document
├── UploadRefused      the bucket did not take the file
└── JobStuck           a job made no progress
"""

from typing import Any


class StagelineError(Exception):
    """Asking Stageline did not work."""


class ProfileError(StagelineError):
    pass


class CommandFailed(StagelineError):
    pass


class CertificateRefused(StagelineError):
    """`code` is truncated, not_a_certificate, changed or other_key."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


class Unreachable(StagelineError):
    pass


class UploadRefused(StagelineError):
    pass


class JobStuck(StagelineError):
    pass


class ApiError(StagelineError):
    """A problem document (RFC 9457): `code` is stable, `problem` the whole of it."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        self.status = status
        self.problem = problem
        self.code = str(problem.get("code") or problem.get("message") or status)
        text = str(problem.get("detail") or problem.get("title") or problem.get("message") or "")
        field = f"{problem['field']} " if problem.get("field") else ""
        super().__init__(f"{field}{text or 'the API refused'} ({status} {self.code})")
