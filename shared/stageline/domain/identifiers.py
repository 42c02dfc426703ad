"""What identifies a person to whoever sends them again, as keyed hashes (docs/privacy.md).

Normalised first, so that another spelling has the same hash. The id that a CRM gave a contact needs
none of its own: the contact's id is its keyed hash (`ids`).
"""

import hmac
import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, NamedTuple

from stageline.domain.contact import Person
from stageline.domain.personal import Personal
from stageline.domain.same_person import name_of
from stageline.domain.workspace import Workspace

type IdentifierKind = Literal["email", "phone", "owner", "name"]

# What IDNA leaves as it is, or refuses; most domains.
_IN_ASCII = re.compile("[a-z0-9.-]*")
# RFC 2142, and what else companies share: whoever reads them, they are nobody's own.
_SHARED_MAILBOXES = frozenset(
    {
        "abuse",
        "accounting",
        "accounts",
        "admin",
        "billing",
        "contact",
        "hello",
        "help",
        "hostmaster",
        "hr",
        "info",
        "invoices",
        "jobs",
        "kontakt",
        "mail",
        "marketing",
        "newsletter",
        "no-reply",
        "noc",
        "noreply",
        "office",
        "orders",
        "postmaster",
        "press",
        "privacy",
        "reception",
        "sales",
        "security",
        "service",
        "support",
        "team",
        "webmaster",
    }
)
_FEWEST_DIGITS = 5


class Identifier(NamedTuple):
    """A normalised e-mail address or phone number.

    An `owner` is the address of a member; a `name` identifies nobody, and tells apart who has the
    same address or number.
    """

    kind: IdentifierKind
    value: Personal

    @property
    def is_nobodys_own(self) -> bool:
        """Tell whether it is a mailbox that a company shares by its name alone."""
        return self.kind == "email" and self.value.partition("@")[0] in _SHARED_MAILBOXES


@dataclass(frozen=True, slots=True)
class Hashing:
    """Makes the hashes of one workspace. `keys` by version; the highest is the current one."""

    workspace: Workspace
    keys: Mapping[int, bytes]

    def __repr__(self) -> str:
        return f"Hashing({self.workspace.id})"

    def hashes(self, identifier: Identifier) -> tuple[str, ...]:
        """Return "version.kind.hex" under every key, the current one first."""
        kind, value = identifier
        parts = (self.workspace.id, kind, value)
        # Lengths go in, so that no two lists of parts give the same message.
        message = "".join(f"{len(part)}:{part}" for part in parts).encode()
        return tuple(
            f"{version}.{kind}.{hmac.digest(key, message, 'sha256').hex()}"
            for version, key in sorted(self.keys.items(), reverse=True)
        )

    def of(self, person: Person) -> dict[Identifier, tuple[str, ...]]:
        """Return the hashes of all that identifies a person."""
        return {one: self.hashes(one) for one in identifiers_of(person)}

    def names(self, person: Person) -> tuple[str, ...]:
        """Return the hashes of a person's name; none of one without a name."""
        name = name_of(person)
        return self.hashes(Identifier("name", " ".join(sorted(name)))) if name else ()


def identifiers_of(person: Person) -> Iterator[Identifier]:
    if person.email and (email := normal_email(person.email)):
        yield Identifier("email", email)
    if person.phone and (phone := normal_phone(person.phone)):
        yield Identifier("phone", phone)


def owner_identifier(address: str) -> Identifier:
    """Return what identifies a member as the owner of records."""
    return Identifier("owner", normal_email(address))


def normal_email(text: str) -> str:
    """Return an address as it is hashed: NFKC, trimmed, lower case, the domain in ASCII (IDNA)."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower()).strip()
    local, at, domain = plain.rpartition("@")
    if not at:
        return plain
    if not _IN_ASCII.fullmatch(domain):
        import idna

        # Where no host can have such a name, the same text is still the same person.
        with suppress(idna.IDNAError):
            domain = idna.encode(domain, uts46=True).decode()
    return f"{local}@{domain.rstrip('.')}"


def normal_phone(text: str) -> str | None:
    """Return a number as it is hashed: E.164, with an extension if it has one; None for no number.

    Of a number without country code only the digits are known: it is equal to one written so.
    """
    import phonenumbers

    plain = unicodedata.normalize("NFKC", text).strip()
    if plain.startswith("00"):
        plain = f"+{plain[2:]}"
    try:
        number = phonenumbers.parse(plain, None)
    except phonenumbers.NumberParseException:
        digits = "".join(char for char in plain if char.isdecimal() and char.isascii())
        return digits if len(digits) >= _FEWEST_DIGITS else None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{e164};ext={number.extension}" if number.extension else e164
