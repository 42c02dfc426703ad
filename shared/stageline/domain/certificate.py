"""The certificate of an erasure: what was removed where, what remains, and until when.

It names people by counts only. The file is one exact text for one certificate and signature:
`certificate_file` makes it, and whatever differs from that by a byte is another file.
"""

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import Any, Literal, get_args

from stageline.domain.journal import Way
from stageline.domain.personal import Plain

type CertificateState = Literal["partial", "live_erased", "final"]

VERSION = 1
ALGORITHM = "ECDSA_SHA_256"
_SIGNED = b"stageline certificate sha256:"


class NotACertificate(ValueError):
    """A document of another form. The text quotes nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreResult:
    """What became of the people in one store of stores.yaml.

    `remaining` None: it was not read back, or did not answer since `unreachable_since`.
    """

    store: Plain
    method: Plain
    expected: int
    removed: int
    remaining: int | None = None
    read_at: datetime | None = None
    unreachable_since: datetime | None = None

    @property
    def is_clean(self) -> bool:
        return self.remaining == 0 and self.unreachable_since is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """A copy that cannot be rewritten; `until` is the last day on which it may exist."""

    store: Plain
    until: date
    what: Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmAnswer:
    """What a CRM has answered to the command to erase people; numbers of them.

    `pending`: no answer yet. `not_asked`: it cannot be asked. `codes`: why not, or the CRM's.
    """

    integration: Plain
    asked: int
    done: int
    refused: int
    pending: int
    not_asked: int
    codes: tuple[Plain, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """`policy` and `preview` are hashes; `ground` and `residue` are codes.

    `crms`: those that people came from; a certificate without any does not mention them.

    `shared_identifiers` is how many were kept because several people have them.
    """

    workspace: Plain
    request_id: Plain
    way: Way
    satisfies_article_17: bool
    ground: Plain
    requested_on: date
    due_on: date
    approved_by: Plain
    approved_at: datetime
    policy: Plain
    preview: Plain
    state: CertificateState
    issued_at: datetime
    subjects: int
    suppressed: int
    shared_identifiers: int
    stores: tuple[StoreResult, ...]
    horizons: tuple[Horizon, ...] = ()
    residue: tuple[Plain, ...] = ()
    crms: tuple[CrmAnswer, ...] = ()


def state_of(
    stores: Iterable[StoreResult],
    horizons: Iterable[Horizon],
    today: date,
    crms: Iterable[CrmAnswer] = (),
) -> CertificateState:
    """Return how far an erasure is: final from the day after its longest horizon."""
    if not all(store.is_clean for store in stores) or any(one.pending for one in crms):
        return "partial"
    return "final" if all(one.until < today for one in horizons) else "live_erased"


def document(certificate: Certificate) -> dict[str, Any]:
    """Return the certificate as it stands in its file."""
    said = _plain(certificate)
    if not certificate.crms:
        del said["crms"]
    return {"version": VERSION, **said}


def certificate_of(found: Any) -> Certificate:
    """Return the certificate of a document. Raises NotACertificate for any other."""
    try:
        certificate = _read(found)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise NotACertificate("the document has another form") from error
    if document(certificate) != found:
        raise NotACertificate("the document has another form")
    return certificate


def canonical(content: Any) -> bytes:
    """Return the one way to write JSON content. Raises ValueError for what JSON cannot say."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("ascii")


def signed_text(content: Mapping[str, Any]) -> bytes:
    """Return what is signed of a certificate's document."""
    return _SIGNED + hashlib.sha256(canonical(content)).hexdigest().encode()


def certificate_file(content: Mapping[str, Any], public_key: str, signature: bytes) -> str:
    """Return the text of the file."""
    signed = {
        "algorithm": ALGORITHM,
        "key": fingerprint(public_key),
        "public_key": public_key,
        "value": b64encode(signature).decode(),
    }
    both = {"certificate": content, "signature": signed}
    return json.dumps(both, sort_keys=True, indent=2, allow_nan=False) + "\n"


def fingerprint(public_key: str) -> str:
    """Return the SHA-256 of a public key in PEM form, in hexadecimal. Raises ValueError."""
    lines = public_key.split("\n")
    if (lines[0], *lines[-2:]) != ("-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----", ""):
        raise ValueError("this is no public key in PEM form")
    return hashlib.sha256(b64decode("".join(lines[1:-2]), validate=True)).hexdigest()


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case tuple():
            return [_plain(one) for one in value]
        case Certificate() | StoreResult() | Horizon() | CrmAnswer():
            return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
        case _:
            return value


def _read(found: Mapping[str, Any]) -> Certificate:
    if found["version"] != VERSION:
        raise NotACertificate(f"the certificate has a version other than {VERSION}")
    counts = [found["subjects"], found["suppressed"], found["shared_identifiers"]]
    for store in found["stores"]:
        counts += [store["expected"], store["removed"], store["remaining"] or 0]
    for crm in found.get("crms", ()):
        counts += [crm[name] for name in ("asked", "done", "refused", "pending", "not_asked")]
    if not all(type(count) is int and count >= 0 for count in counts):
        raise ValueError
    if found["way"] not in get_args(Way.__value__):
        raise ValueError
    if found["state"] not in get_args(CertificateState.__value__):
        raise ValueError
    values = {name: value for name, value in found.items() if name != "version"}
    return Certificate(
        **values
        | {
            "requested_on": date.fromisoformat(found["requested_on"]),
            "due_on": date.fromisoformat(found["due_on"]),
            "approved_at": datetime.fromisoformat(found["approved_at"]),
            "issued_at": datetime.fromisoformat(found["issued_at"]),
            "stores": tuple(_store(store) for store in found["stores"]),
            "horizons": tuple(
                Horizon(**one | {"until": date.fromisoformat(one["until"])})
                for one in found["horizons"]
            ),
            "residue": tuple(found["residue"]),
            "crms": tuple(
                CrmAnswer(**one | {"codes": tuple(one["codes"])}) for one in found.get("crms", ())
            ),
        }
    )


def _store(found: Mapping[str, Any]) -> StoreResult:
    at = {
        name: None if found[name] is None else datetime.fromisoformat(found[name])
        for name in ("read_at", "unreachable_since")
    }
    return StoreResult(**{**found, **at})
