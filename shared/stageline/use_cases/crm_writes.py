"""Working off what is to be written to CRMs, by messages of a queue, until the CRM has answered."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from stageline.domain.crm_errors import (
    CrmError,
    CrmQuotaSpent,
    CrmRefused,
    CrmUnavailable,
    SignInRefused,
)
from stageline.domain.errors import NotFound, Stale, UrlNotAllowed
from stageline.domain.write_back import WriteBack, WriteStatus
from stageline.use_cases.crm_creation import create_account
from stageline.use_cases.crm_erasures import erase_contact
from stageline.use_cases.crm_stages import changed_stage, write_stage
from stageline.use_cases.crm_writing import LOOKED_FOR_AFTER, Later, NotWritten, Writing, save

_FIRST_DELAY = timedelta(seconds=15)
_LONGEST_DELAY = timedelta(minutes=15)
_TRIES = 10
# A day's quota is there again on the next day.
_WAITS_FOR_QUOTA = timedelta(days=2)
_RACES = 5


def work_write(writing: Writing, write_id: str) -> WriteBack:
    """Write what is to be written, once; return how it stands. Raises NotFound.

    Somebody who is at it at the same time goes first. Where the CRM does not answer, a message asks
    for it again.
    """
    write = writing.writes.get(write_id)
    if not write.is_finished:
        try:
            _work(writing, write)
        except Stale:
            if write.what == "stage":
                work_stage(writing, write.record_id, is_sure=False)
    return writing.writes.get(write_id)


def work_stage(writing: Writing, account_id: str, *, is_sure: bool = True) -> WriteBack | None:
    """Write the stage of an account where it is to be, if that is not done.

    Of several at the same time, whoever was overtaken looks once more at what the CRM has:
    `is_sure` False.
    """
    for _ in range(_RACES):
        with suppress(Stale):
            write = changed_stage(writing, account_id, is_sure=is_sure)
            if write is None:
                return None
            _work(writing, write)
            return writing.writes.get(write.write_id)
        is_sure = False
    raise Stale("write")


def _work(writing: Writing, write: WriteBack) -> None:
    try:
        match write.what:
            case "stage":
                write_stage(writing, write)
            case "create_account":
                create_account(writing, write)
            case "erase_contact":
                erase_contact(writing, write)
    except Later as error:
        writing.queue.send_write(write.write_id, delay=error.delay)
    except NotWritten as error:
        _answered(writing, write, status="refused", code=error.code)
    except (CrmUnavailable, CrmQuotaSpent) as error:
        _try_again(writing, write, error)
    except CrmError as error:
        _answered(writing, write, status=_refusal(write, error), **_answer(error))
    except (UrlNotAllowed, NotFound) as error:
        _answered(writing, write, status=_refusal(write, error), code=error.code)


def _refusal(write: WriteBack, error: Exception) -> WriteStatus:
    """A command to erase is answered only by a CRM that lets us ask: until then it stays."""
    is_kept_out = not isinstance(error, CrmRefused) or isinstance(error, SignInRefused)
    if write.what == "erase_contact" and (is_kept_out or getattr(error, "status", None) == 403):
        return "failed"
    return "refused"


def _try_again(writing: Writing, write: WriteBack, error: CrmUnavailable | CrmQuotaSpent) -> None:
    write = writing.writes.get(write.write_id)
    changes = _answer(error)
    is_undone = isinstance(error, CrmQuotaSpent) or not error.may_be_done
    if write.status == "sending" and is_undone:
        # An earlier request than this one may have been done all the same.
        is_first = write.sent_at == write.moved_at
        changes |= {"status": "queued", "sent_at": None if is_first else write.sent_at}
    if isinstance(error, CrmQuotaSpent):
        is_over = writing.now() - write.requested_at > _WAITS_FOR_QUOTA
        delay = _LONGEST_DELAY
    else:
        is_over = write.attempts >= _TRIES
        delay = error.retry_after or _FIRST_DELAY * 2**write.attempts
    if is_over:
        changes |= {"status": "failed"}
    after = _answered(writing, write, **changes)
    if after is not None and not after.is_finished:
        if after.sent_at is not None and after.status == "sending":
            delay = LOOKED_FOR_AFTER
        writing.queue.send_write(write.write_id, delay=min(delay, _LONGEST_DELAY))


def _answer(error: CrmError) -> dict[str, Any]:
    return {"vendor_status": error.status, "code": error.code}


def _answered(writing: Writing, write: WriteBack, **changes: object) -> WriteBack | None:
    """Note what came of a try; None: somebody else has gone on with it."""
    with suppress(Stale):
        if write.what == "erase_contact" and changes.get("status") == "refused":
            changes["external_id"] = None
        return save(writing, writing.writes.get(write.write_id), **changes)
    return None
