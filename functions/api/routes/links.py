"""Links of accounts with records of other sources, and proposals to make some."""

from itertools import islice
from typing import Any

from api import render
from api.call import Answer, Call
from stageline import bootstrap
from stageline.domain.account import Account
from stageline.domain.errors import NotFound
from stageline.domain.work import Work


def list_links(call: Call) -> Answer:
    account = call.rights.account(call.id_of("account"))
    found = bootstrap.accounts(call.workspace).find_many(one.account_id for one in account.linked)
    # Of a link that is ending the entry is there until all has gone back.
    linked = (one for one in found.values() if one.linked_to == account.account_id)
    return Answer({"items": [_shown(call, one) for one in linked if call.rights.sees(one)]})


def link(call: Call) -> Answer:
    from api.bodies import NewLink
    from stageline.domain.ids import random_id
    from stageline.use_cases.links import link_accounts

    account_id, linked_id = call.id_of("account"), call.body(NewLink).account_id
    call.rights.account(account_id, "write")
    _check(call, linked_id)
    work = link_accounts(
        bootstrap.linking(call.workspace),
        account_id,
        linked_id,
        job_id=random_id(),
        expected=call.expected_revision("account"),
        today=call.today,
        stamp=call.stamp,
    )
    return _accepted(work)


def unlink(call: Call) -> Answer:
    from stageline.domain.ids import random_id
    from stageline.use_cases.links import unlink_account

    account_id, linked_id = call.id_of("account"), call.id_of("link", "linked")
    call.rights.account(account_id, "write")
    _check(call, linked_id)
    work = unlink_account(
        bootstrap.linking(call.workspace),
        account_id,
        linked_id,
        job_id=random_id(),
        expected=call.expected_revision("account"),
        today=call.today,
        stamp=call.stamp,
    )
    return _accepted(work)


def list_proposals(call: Call) -> Answer:
    from stageline.use_cases.link_proposals import proposed

    place, limit = call.place(), call.query["limit"]
    after = str(place[0]) if place else None
    found = list(islice(proposed(bootstrap.proposing(call.workspace), after), limit + 1))
    page = found[:limit]
    return Answer(
        {
            "items": [
                {
                    "id": one.proposal_id,
                    "account": _shown(call, account),
                    "other": _shown(call, other),
                    "found_at": render.instant(one.found_at),
                }
                for one, account, other in page
            ],
            "next_cursor": call.cursor([page[-1][0].proposal_id]) if len(found) > limit else None,
        }
    )


def decide(call: Call) -> Answer:
    from api.bodies import LinkDecision
    from stageline.domain.ids import random_id
    from stageline.use_cases.links import link_accounts

    proposal_id, decision = call.id_of("proposal"), call.body(LinkDecision).decision
    proposals = bootstrap.link_proposals(call.workspace)
    proposal = proposals.find(proposal_id)
    if proposal is None:
        raise NotFound("proposal")
    job_id = None
    if decision == "never":
        proposals.turn_down(proposal)
    else:
        job_id = link_accounts(
            bootstrap.linking(call.workspace),
            proposal.account_id,
            proposal.linked_id,
            job_id=random_id(),
            expected=None,
            today=call.today,
            stamp=call.stamp,
        ).job_id
    return Answer({"id": proposal_id, "decision": decision, "job_id": job_id})


def _check(call: Call, account_id: str) -> None:
    """Raise NotFound, RecordNotYours; a linked account is read, too, though it is hidden."""
    found = bootstrap.accounts(call.workspace).find(account_id)
    if found is None:
        raise NotFound("account")
    call.rights.check("account", found.profile.owner_email, "write")


def _shown(call: Call, one: Account) -> dict[str, Any]:
    return call.rights.shown("accounts", render.linked(one))


def _accepted(work: Work) -> Answer:
    return Answer(render.work(work), 202, {"Location": f"/v1/jobs/{work.job_id}"})
