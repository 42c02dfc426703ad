"""Erasures by hand: what the API does, for whoever may invoke the function.

They act on behalf of a member, `actor`, whose role has to fit. What is refused is answered, and not
raised: an event that fails when nobody waits for it ends in a queue, with what it says of people.
"""

from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools import Logger

from gdpr.said import LONGEST_REASON, Said
from stageline import bootstrap
from stageline.domain.erasure import GROUNDS, WAYS, ErasureRequest
from stageline.domain.errors import Invalid, StagelineError
from stageline.domain.permissions import Action
from stageline.domain.workspace import Workspace
from stageline.use_cases import erasure_requests as use_cases
from stageline.use_cases import erasure_views as views
from stageline.use_cases.acting import refuse_actor
from stageline.use_cases.erasure_requests import Privacy

logger = Logger()

_WHO = ("action", "workspace", "actor")
_ASKED = (
    "way",
    "ground",
    "reason",
    "fields",
    "contact_ids",
    "selection",
    "member_id",
    "received_on",
    "due_on",
)


def answer(event: Mapping[str, Any], invocation: str) -> dict[str, Any]:
    """Return the request as it is then, or what was refused and why.

    `invocation` identifies this call: the same one asks for one request only.
    """
    action = event["action"]
    told: dict[str, Any] = {"action": action}
    try:
        bootstrap.fence().refuse()
        may, fields, do = ACTIONS[action]
        said = Said(event, (*_WHO, *fields))
        workspace = _workspace(said)
        actor = said.needed("actor")
        told["workspace"] = workspace.id
        now = bootstrap.clock().now()
        directory, rights = bootstrap.directory(), bootstrap.rights(workspace)
        refuse_actor(directory, rights, workspace, actor, "privacy", may, now)
        answered = do(bootstrap.privacy(workspace), said, actor, invocation)
        told |= {"erasure_id": answered["id"], "status": answered["status"]}
    except StagelineError as error:
        told["code"] = error.code
        field = {"field": error.field} if isinstance(error, Invalid) else {}
        answered = {"refused": {"code": error.code, **field, "detail": error.detail, **error.extra}}
    logger.info("by hand", **told)
    return answered


def _request(privacy: Privacy, said: Said, actor: str, invocation: str) -> dict[str, Any]:
    by_age, selection = said.inner("selection", ("older_than", "through")), None
    if by_age is not None:
        zone = bootstrap.configuration(privacy.workspace).zone()
        selection = views.selection_of(
            by_age.text("older_than"), by_age.instant("through"), zone, privacy.today()
        )
    asked = use_cases.Asked(
        way=said.choice("way", WAYS),
        ground=said.choice("ground", GROUNDS),
        reason=said.needed("reason", LONGEST_REASON),
        fields=said.texts("fields"),
        contact_ids=said.texts("contact_ids"),
        selection=selection,
        member_id=said.text("member_id"),
        received_on=said.day("received_on"),
        due_on=said.day("due_on"),
    )
    request_id = bootstrap.identities(privacy.workspace).of_request("request", invocation)
    return _shown(privacy, use_cases.request_erasure(privacy, request_id, asked, by=actor))


def _preview(privacy: Privacy, said: Said, actor: str, invocation: str) -> dict[str, Any]:
    return _shown(privacy, use_cases.preview_again(privacy, _id(said)))


def _approve(privacy: Privacy, said: Said, actor: str, invocation: str) -> dict[str, Any]:
    request_id, preview = _id(said), said.needed("preview")
    return _shown(privacy, use_cases.approve(privacy, request_id, preview, _ticked(said), by=actor))


def _extend(privacy: Privacy, said: Said, actor: str, invocation: str) -> dict[str, Any]:
    reason = said.text("reason", LONGEST_REASON)
    return _shown(privacy, use_cases.extend(privacy, _id(said), reason))


def _execute(privacy: Privacy, said: Said, actor: str, invocation: str) -> dict[str, Any]:
    return _shown(privacy, use_cases.execute(privacy, _id(said)))


def _cancel(privacy: Privacy, said: Said, actor: str, invocation: str) -> dict[str, Any]:
    return _shown(privacy, use_cases.cancel(privacy, _id(said)))


def _status(privacy: Privacy, said: Said, actor: str, invocation: str) -> dict[str, Any]:
    return _shown(privacy, privacy.erasing.records.erasures.get(_id(said)))


def _certificate(privacy: Privacy, said: Said, actor: str, invocation: str) -> dict[str, Any]:
    """Return the file as a text: written in another way it would not be valid."""
    request_id = _id(said)
    text = views.certificate_text(privacy, request_id, said.number("number"))
    request = privacy.erasing.records.erasures.get(request_id)
    return {"id": request_id, "status": request.status, "file": text}


type _Does = Callable[[Privacy, Said, str, str], dict[str, Any]]

# What the actor has to be allowed, the fields besides those of all, and what it does.
ACTIONS: Mapping[str, tuple[Action, tuple[str, ...], _Does]] = {
    "request": ("protect", _ASKED, _request),
    "preview": ("protect", ("request",), _preview),
    "approve": ("approve", ("request", "preview", "candidates"), _approve),
    "extend": ("protect", ("request", "reason"), _extend),
    "execute": ("protect", ("request",), _execute),
    "cancel": ("protect", ("request",), _cancel),
    "status": ("protect", ("request",), _status),
    "certificate": ("protect", ("request", "number"), _certificate),
}


def _workspace(said: Said) -> Workspace:
    try:
        return Workspace(said.needed("workspace"))
    except ValueError as error:
        raise Invalid("workspace", "malformed", str(error)) from error


def _id(said: Said) -> str:
    return said.needed("request")


def _ticked(said: Said) -> list[str] | None:
    """Return the ids of candidates; None for all of them. They are said, one way or another."""
    if said.is_list("candidates"):
        return said.texts("candidates")
    return None if said.choice("candidates", ("all", "none")) == "all" else []


def _shown(privacy: Privacy, request: ErasureRequest) -> dict[str, Any]:
    progress = views.progress_of(privacy.erasing.records.erasures, request)
    return views.request_document(request, privacy.today(), progress)
