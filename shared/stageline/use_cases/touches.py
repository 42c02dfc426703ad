"""What activities make of the first and last touch of their account (S3.9)."""

from functools import partial
from typing import TYPE_CHECKING

from stageline.domain.touch import StoredTouch, Touch, touch_of
from stageline.use_cases.again import again

if TYPE_CHECKING:
    from stageline.record_ports import Touches


def refresh_touch(touches: "Touches", account_id: str) -> bool:
    """Bring the account's first and last touch up to its activities; tell whether it was written.

    To be run after every change of a touch, and after every write of this step itself: a run that
    finds nothing to write leaves no fence behind (DESIGN §3, rules 2 and 3). Raises Stale.
    """
    return again(partial(_refresh, touches, account_id))


def _refresh(touches: "Touches", account_id: str) -> bool:
    before = touches.stored(account_id)
    one_way = touches.ends(account_id, two_way=False)
    found = touch_of(one_way, touches.ends(account_id, two_way=True))
    if found == (before.touch if before else Touch()):
        return False
    touches.save(StoredTouch(account_id, found, before.rev + 1 if before else 1))
    return True
