"""`stageline privacy`: what a privacy officer, or whoever is shown a certificate, does by hand."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tools.cli import erasure_commands, privacy_contacts_command, privacy_restore_command
from tools.cli.options import JsonOption
from tools.errors import CommandFailed

if TYPE_CHECKING:
    from tools.certificates import Verified

privacy = typer.Typer(
    name="privacy",
    no_args_is_help=True,
    help="The age of people's data, erasures of people, and their certificates.",
)


privacy.command("contacts")(privacy_contacts_command.contacts)
privacy.command("touch")(privacy_contacts_command.touch)
privacy.command("request")(erasure_commands.request)
privacy.command("requests")(erasure_commands.requests)
privacy.command("show")(erasure_commands.show)
privacy.command("approve")(erasure_commands.approve)
privacy.command("execute")(erasure_commands.execute)
privacy.command("cancel")(erasure_commands.cancel)
privacy.command("extend")(erasure_commands.extend)
privacy.command("release")(erasure_commands.release)
privacy.command("certificate")(erasure_commands.certificate)
privacy.command("key")(erasure_commands.key)
privacy.command("restore-check")(privacy_restore_command.restore_check)


@privacy.command("verify")
def verify_certificate(
    file: Annotated[Path, typer.Argument(help="The file.", metavar="CERTIFICATE")],
    key: Annotated[
        Path | None,
        typer.Option(help="The deployment's public key, in PEM form.", metavar="PEM"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check a certificate of erasure, offline: nothing is asked of Stageline or AWS.

    Exit code 0: it is as it was signed; 1: it is not, and one line says why (truncated,
    not_a_certificate, changed, other_key). Without --key it is held against the key in it, which
    proves that nothing was changed, and not who signed it.
    """
    from stageline.domain.certificate import document
    from tools.certificates import verify
    from tools.cli.output import console, print_json, print_table

    verified = verify(_content(file), None if key is None else _content(key))
    if as_json:
        about: dict[str, Any] = {"valid": True, "key": verified.key, "key_given": key is not None}
        print_json(about | {"certificate": document(verified.certificate)})
        return
    for line in _lines(verified, key_given=key is not None):
        console().print(line, soft_wrap=True)
    print_table(
        ("Store", "Method", "Expected", "Removed", "Remaining", "Read at", "Unreachable since"),
        (
            (
                store.store,
                store.method,
                store.expected,
                store.removed,
                "unknown" if store.remaining is None else store.remaining,
                store.read_at,
                store.unreachable_since,
            )
            for store in verified.certificate.stores
        ),
    )
    for one in verified.certificate.horizons:
        console().print(f"until {one.until}: {one.what} ({one.store})", soft_wrap=True)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CommandFailed(f"{file}: {error.strerror}") from error


def _lines(verified: "Verified", *, key_given: bool) -> Iterator[str]:
    certificate = verified.certificate
    if key_given:
        yield "valid: signed by the given key, and nothing was changed since"
    else:
        yield "valid: nothing was changed since it was signed with the key that is in it"
        yield "does not prove whose key that is: compare it with the deployment's, or give --key"
    article = "satisfies" if certificate.satisfies_article_17 else "does not satisfy"
    yield f"  key      {verified.key}"
    yield f"  state    {certificate.state} at {certificate.issued_at}"
    yield f"  request  {certificate.request_id} of {certificate.workspace}"
    yield f"  way      {certificate.way}, which {article} Art. 17 GDPR"
    yield f"  people   {certificate.subjects}"
    for crm in certificate.crms:
        codes = f" ({', '.join(crm.codes)})" if crm.codes else ""
        yield (
            f"  CRM      {crm.integration}: {crm.done} of {crm.asked} erased,"
            f" {crm.refused} refused, {crm.pending} pending, {crm.not_asked} not asked{codes}"
        )
    if certificate.residue:
        yield f"  residue  {', '.join(certificate.residue)}"
