"""Key design of the one table. Every partition key starts with the workspace.

s = shard (0 to 3, from the id), n = rank#name#id; rank 9 is "-"; a "-" in a key stands for
"none"; kind: 0 for leads, 1 for other contacts; ways: 1 or 2; state: 0 for open, 1 for done.
Only the directory belongs to no workspace: who is a member of which, and which there are;
its partitions start with "~", which no workspace id can.

| item | PK | SK | GSI1 | GSI2 | GSI3 |
|---|---|---|---|---|---|
| account | A#id | META | P#parent / id | | |
| children count of an account | A#id | CHILDREN | | | |
| home of an account | A#id | HOME | H#s / root#account | | |
| deal | A#id, or U#s without account | DEAL#id | UD#s / id while it has no account | | |
| contact | K#id | CONTACT | CN#s / kind#name#id | CG#s / gdpr date#id | CO#owner / kind#name#id |
| deleted contact | K#id | CONTACT | CX#s / id | | |
| identifier of a contact | I#hash | C#contact | | | |
| suppressed identifier | I#hash | SUPPRESSED | | | |
| open erasure of a contact or a member | K#id | ERASURE | | | |
| link of a contact to an account or a deal | A#id, or D#id of a deal | CON#contact | | | |
| activity | A#id, or K#contact without account | ACT#time#id | | | |
| activity of a contact that lies elsewhere | K#id | ACT#time#id | | | |
| touch of an account by an activity | A#id | TOUCH#ways#time#id | | | |
| first and last touch of an account | A#id | LAST | | | |
| task | A#id, D#deal or K#contact | TASK#state#day#id | TN#s / day#id | | TO#owner / day#id |
| task of a contact that lies elsewhere | K#contact | TASK#state#day#id | | | |
| deleted activity or task | where it lay | GONE#ACT#id, GONE#TASK#id | | | |
| erased activity or task | R#record | GONE#ACT#id, GONE#TASK#id | | | |
| where an activity or a task lies | R#record | AT | | | |
| list row | A#id | ROW#scheme | S#scheme#s / n | T#scheme#s / rank#since#id | U#owner#scheme / n |
| group value | G#root | A#VALUE#scheme | V#scheme#s / root | DUE#s / day#root#scheme | |
| hold of a group by a move | G#root | HOLD | | | |
| ledger | G#root | L#account#chunk | | | |
| version | G#root | V#scheme#recorded_at#rev | | | |
| locator | R#record | REF | | | |
| what stands for a merged record | R#record | ALIAS | | | |
| proposal to link two accounts | LP | pair | | | |
| pair of accounts that is not proposed again | LP#NEVER | pair | | | |
| event | O#account | E#scheme#seq | | | |
| search word | W#first 3 letters | word#name#account | | | |
| tag of an account | TAG#hash | id | | | |
| value of a unique field | UNIQUE#hash | VALUE | | | |
| counts: a set of them, and a month of a set | N#scheme | SET#set, MONTH#set#month | | | |
| counts: a run | N#scheme | RUN#recorded day | | | |
| counts: whether something changed | N#scheme | STATE | | | |
| counts: the job asked for | N#scheme | JOB#recorded day | | | |
| integration | C | INTEGRATION#key | | | |
| pace of an integration's requests | Q#integration | PACE | | | |
| refused record of a CRM | RF#integration | kind#record | | | |
| check of a mapping | Q#integration | CHECK | | | |
| where an integration stands | C | SYNC#integration | | | |
| run of an integration | J#sync | id | J#sync / requested at#id | | |
| write to a CRM | J#write | id | J#write#integration / requested at#id | | |
| what was written of an account to a CRM | A#id | WRITTEN#integration | | | |
| overlay | C | OVERLAY | | | |
| settings | C | SETTINGS | | | |
| tick | C | TICK | | | |
| custom field | C | FIELD#module#key | | | |
| last import | C | IMPORTED#integration#records | | | |
| job | J#kind | id | J#kind / requested at#id | | |
| first import of some records | J#import | FIRST#records, FIRST#records#integration | | | |
| job page: its result, or what it is about | J#kind#id | PAGE#number#what | | | |
| job that runs alone | J#kind | ONLY | | | |
| job part: what came of it | J#kind#id | PART#number | | | |
| job problems | J#kind#id | PROBLEMS#page#part | | | |
| erasure request | PR#id | REQUEST | PR / requested at#id | PD / next at#id | |
| erasure request: a part of it | PR#id | PART#number | | | |
| erasure request: more of a part | PR#id | MORE#number#n | | | |
| erasure request: what is done of a part | PR#id | DONE#step#round#number | | | |
| erasure request: what was read back of a part | PR#id | READ#number | | | |
| erasure request: a command to a CRM | PR#id | CRM#write | | | |
| keyed call | K#call | CALL | | | |
| membership | ~#M#subject | workspace | | | |
| member, among all of a workspace | M | MEMBER#subject | | | |
| members: their revision | M | A#REV | | | |
| access profile | C | PROFILE#key | | | |
| workspace | ~#WORKSPACES | workspace | | | |
| fence: the table that the journal was applied to | ~#FENCE | FENCE | | | |
| clock (local stack only) | ~#CLOCK | CLOCK | | | |
"""

import hashlib

from stageline.domain.workspace import Workspace

type Key = dict[str, str]

SHARDS = range(4)
NONE = "-"


def shard_of(record_id: str) -> int:
    """Return the shard of a record, the same for ever."""
    return hashlib.blake2b(record_id.encode(), digest_size=1).digest()[0] % len(SHARDS)


def read_partition(partition: str) -> tuple[Workspace, str, str]:
    """Return workspace, kind and id of a partition key like "acme#A#0f3c"; "acme#C" has no id.

    Raises ValueError for one that belongs to no workspace.
    """
    workspace, kind, *record_id = partition.split("#", 2)
    return Workspace(workspace), kind, "".join(record_id)


def _key(workspace: Workspace, partition: str, sort: str) -> Key:
    return {"PK": f"{workspace.id}#{partition}", "SK": sort}


def _index(number: int, workspace: Workspace, partition: str, sort: str) -> Key:
    return {f"GSI{number}PK": f"{workspace.id}#{partition}", f"GSI{number}SK": sort}


def account_partition(workspace: Workspace, account_id: str) -> str:
    return f"{workspace.id}#A#{account_id}"


def account_key(workspace: Workspace, account_id: str) -> Key:
    return _key(workspace, f"A#{account_id}", "META")


def children_partition(workspace: Workspace, parent_id: str) -> str:
    return f"{workspace.id}#P#{parent_id}"


def children_index(workspace: Workspace, parent_id: str, account_id: str) -> Key:
    return _index(1, workspace, f"P#{parent_id}", account_id)


def children_count_key(workspace: Workspace, account_id: str) -> Key:
    return _key(workspace, f"A#{account_id}", "CHILDREN")


def home_key(workspace: Workspace, account_id: str) -> Key:
    return _key(workspace, f"A#{account_id}", "HOME")


def homes_partition(workspace: Workspace, shard: int) -> str:
    return f"{workspace.id}#H#{shard}"


def homes_index(workspace: Workspace, root_id: str | None, account_id: str) -> Key:
    """Homes stand in the order of their groups, those of deleted accounts first."""
    shard = shard_of(account_id if root_id is None else root_id)
    return _index(1, workspace, f"H#{shard}", f"{root_id or NONE}#{account_id}")


DEAL_PREFIX = "DEAL#"


def deal_key(workspace: Workspace, account_id: str | None, deal_id: str) -> Key:
    partition = f"U#{shard_of(deal_id)}" if account_id is None else f"A#{account_id}"
    return _key(workspace, partition, f"{DEAL_PREFIX}{deal_id}")


def deals_without_account_partition(workspace: Workspace, shard: int) -> str:
    return f"{workspace.id}#U#{shard}"


def unassigned_partition(workspace: Workspace, shard: int) -> str:
    return f"{workspace.id}#UD#{shard}"


def unassigned_index(workspace: Workspace, deal_id: str) -> Key:
    return _index(1, workspace, f"UD#{shard_of(deal_id)}", deal_id)


LOCATOR_SORT = "REF"


def locator_key(workspace: Workspace, record_id: str) -> Key:
    return _key(workspace, f"R#{record_id}", LOCATOR_SORT)


def alias_key(workspace: Workspace, record_id: str) -> Key:
    return _key(workspace, f"R#{record_id}", "ALIAS")


def link_proposals_partition(workspace: Workspace) -> str:
    return f"{workspace.id}#LP"


def link_proposal_key(workspace: Workspace, pair: str) -> Key:
    return _key(workspace, "LP", pair)


def no_link_key(workspace: Workspace, pair: str) -> Key:
    return _key(workspace, "LP#NEVER", pair)


LEDGER_PREFIX = "L#"


def group_partition(workspace: Workspace, root_id: str) -> str:
    return f"{workspace.id}#G#{root_id}"


def value_key(workspace: Workspace, root_id: str, scheme: str) -> Key:
    # Sorts before the ledgers: a query that reads both meets the version before the inputs.
    return _key(workspace, f"G#{root_id}", f"A#VALUE#{scheme}")


def values_partition(workspace: Workspace, scheme: str, shard: int) -> str:
    return f"{workspace.id}#V#{scheme}#{shard}"


def values_index(workspace: Workspace, root_id: str, scheme: str) -> Key:
    return _index(1, workspace, f"V#{scheme}#{shard_of(root_id)}", root_id)


def hold_key(workspace: Workspace, root_id: str) -> Key:
    return _key(workspace, f"G#{root_id}", "HOLD")


def due_partition(workspace: Workspace, shard: int) -> str:
    return f"{workspace.id}#DUE#{shard}"


def due_index(workspace: Workspace, day: str, root_id: str, scheme: str) -> Key:
    return _index(2, workspace, f"DUE#{shard_of(root_id)}", f"{day}#{root_id}#{scheme}")


def ledger_key(workspace: Workspace, root_id: str, account_id: str, chunk: str = "") -> Key:
    return _key(workspace, f"G#{root_id}", f"{LEDGER_PREFIX}{account_id}#{chunk}")


def ledger_prefix(account_id: str) -> str:
    return f"{LEDGER_PREFIX}{account_id}#"


def version_prefix(scheme: str) -> str:
    return f"V#{scheme}#"


def version_key(workspace: Workspace, root_id: str, scheme: str, recorded_at: str, rev: int) -> Key:
    sort = f"{version_prefix(scheme)}{recorded_at}#{rev:010d}"
    return _key(workspace, f"G#{root_id}", sort)


def event_partition(workspace: Workspace, account_id: str) -> str:
    return f"{workspace.id}#O#{account_id}"


def event_key(workspace: Workspace, account_id: str, scheme: str, sequence: int) -> Key:
    return _key(workspace, f"O#{account_id}", f"E#{scheme}#{sequence:012d}")


def row_key(workspace: Workspace, account_id: str, scheme: str) -> Key:
    return _key(workspace, f"A#{account_id}", f"ROW#{scheme}")


def rows_by_name_partition(workspace: Workspace, scheme: str, shard: int) -> str:
    return f"{workspace.id}#S#{scheme}#{shard}"


def rows_by_since_partition(workspace: Workspace, scheme: str, shard: int) -> str:
    return f"{workspace.id}#T#{scheme}#{shard}"


def rows_of_owner_partition(workspace: Workspace, owner: str, scheme: str) -> str:
    """`owner` is the keyed hash of the owner's address, or "-" for records without an owner."""
    return f"{workspace.id}#U#{owner}#{scheme}"


def row_sort(rank: int, by: str, account_id: str) -> str:
    """`by` is the folded name or the day since, "-" when the stage holds from the beginning."""
    return f"{rank}#{by}#{account_id}"


def row_indexes(
    workspace: Workspace,
    scheme: str,
    account_id: str,
    *,
    rank: int,
    name: str,
    since: str,
    owner: str,
) -> Key:
    """Index attributes of a list row. `name` is folded and cut (`domain.search.fold`)."""
    shard = shard_of(account_id)
    return (
        _index(1, workspace, f"S#{scheme}#{shard}", row_sort(rank, name, account_id))
        | _index(2, workspace, f"T#{scheme}#{shard}", row_sort(rank, since, account_id))
        | _index(3, workspace, f"U#{owner}#{scheme}", row_sort(rank, name, account_id))
    )


def word_partition(workspace: Workspace, word: str) -> str:
    return f"{workspace.id}#W#{word[:3]}"


def word_key(workspace: Workspace, word: str, name: str, account_id: str) -> Key:
    return _key(workspace, f"W#{word[:3]}", f"{word}#{name}#{account_id}")


def tag_partition(workspace: Workspace, tag: str) -> str:
    """`tag` is the keyed hash of a tag, like `value` below: either may name a person."""
    return f"{workspace.id}#TAG#{tag}"


def tag_key(workspace: Workspace, tag: str, record_id: str) -> Key:
    return _key(workspace, f"TAG#{tag}", record_id)


def unique_value_key(workspace: Workspace, value: str) -> Key:
    return _key(workspace, f"UNIQUE#{value}", "VALUE")


RUN_PREFIX = "RUN#"


def counts_partition(workspace: Workspace, scheme: str) -> str:
    return f"{workspace.id}#N#{scheme}"


def count_set_key(workspace: Workspace, scheme: str, set_id: str) -> Key:
    return _key(workspace, f"N#{scheme}", f"SET#{set_id}")


def count_months_prefix(set_id: str) -> str:
    return f"MONTH#{set_id}#"


def count_month_key(workspace: Workspace, scheme: str, set_id: str, month: str) -> Key:
    """`month` is like "2024-02", "0000-00" before every day."""
    return _key(workspace, f"N#{scheme}", f"{count_months_prefix(set_id)}{month}")


def count_run_key(workspace: Workspace, scheme: str, recorded_on: str) -> Key:
    return _key(workspace, f"N#{scheme}", f"{RUN_PREFIX}{recorded_on}")


def count_state_key(workspace: Workspace, scheme: str) -> Key:
    return _key(workspace, f"N#{scheme}", "STATE")


def count_job_key(workspace: Workspace, scheme: str, recorded_on: str) -> Key:
    return _key(workspace, f"N#{scheme}", f"JOB#{recorded_on}")


def configuration_partition(workspace: Workspace) -> str:
    return f"{workspace.id}#C"


INTEGRATION_PREFIX = "INTEGRATION#"


def integration_key(workspace: Workspace, key: str) -> Key:
    return _key(workspace, "C", f"{INTEGRATION_PREFIX}{key}")


def refused_partition(workspace: Workspace, key: str) -> str:
    return f"{workspace.id}#RF#{key}"


def refused_prefix(records: str) -> str:
    return f"{records}#"


def refused_key(workspace: Workspace, key: str, records: str, record_id: str) -> Key:
    return _key(workspace, f"RF#{key}", f"{refused_prefix(records)}{record_id}")


def crm_pace_key(workspace: Workspace, key: str) -> Key:
    return _key(workspace, f"Q#{key}", "PACE")


def check_key(workspace: Workspace, key: str) -> Key:
    return _key(workspace, f"Q#{key}", "CHECK")


SYNC_PREFIX = "SYNC#"


def sync_state_key(workspace: Workspace, key: str) -> Key:
    return _key(workspace, "C", f"{SYNC_PREFIX}{key}")


def write_key(workspace: Workspace, write_id: str) -> Key:
    return _key(workspace, "J#write", write_id)


def writes_partition(workspace: Workspace, integration: str) -> str:
    return f"{workspace.id}#J#write#{integration}"


def write_index(workspace: Workspace, integration: str, write_id: str, requested_at: str) -> Key:
    return _index(1, workspace, f"J#write#{integration}", f"{requested_at}#{write_id}")


def written_key(workspace: Workspace, account_id: str, integration: str) -> Key:
    return _key(workspace, f"A#{account_id}", f"WRITTEN#{integration}")


LAST_IMPORT_PREFIX = "IMPORTED#"


def last_import_key(workspace: Workspace, key: str, records: str) -> Key:
    return _key(workspace, "C", f"{LAST_IMPORT_PREFIX}{key}#{records}")


def overlay_key(workspace: Workspace) -> Key:
    return _key(workspace, "C", "OVERLAY")


def settings_key(workspace: Workspace) -> Key:
    return _key(workspace, "C", "SETTINGS")


def tick_key(workspace: Workspace) -> Key:
    return _key(workspace, "C", "TICK")


FIELD_PREFIX = "FIELD#"


def field_key(workspace: Workspace, module: str, key: str) -> Key:
    return _key(workspace, "C", f"{FIELD_PREFIX}{module}#{key}")


def job_partition(workspace: Workspace, kind: str) -> str:
    return f"{workspace.id}#J#{kind}"


def job_key(workspace: Workspace, kind: str, job_id: str) -> Key:
    return _key(workspace, f"J#{kind}", job_id)


def job_details_partition(workspace: Workspace, kind: str, job_id: str) -> str:
    return f"{workspace.id}#J#{kind}#{job_id}"


def only_job_key(workspace: Workspace, kind: str) -> Key:
    return _key(workspace, f"J#{kind}", "ONLY")


PARTS_PREFIX = "PART#"


def job_part_key(workspace: Workspace, kind: str, job_id: str, number: int) -> Key:
    return _key(workspace, f"J#{kind}#{job_id}", f"{PARTS_PREFIX}{number:07d}")


PROBLEMS_PREFIX = "PROBLEMS#"


PAGES_PREFIX = "PAGE#"


def job_index(workspace: Workspace, kind: str, job_id: str, requested_at: str) -> Key:
    return _index(1, workspace, f"J#{kind}", f"{requested_at}#{job_id}")


def first_import_key(workspace: Workspace, records: str, integration: str | None) -> Key:
    """`integration`: None for files."""
    which = records if integration is None else f"{records}#{integration}"
    return _key(workspace, "J#import", f"FIRST#{which}")


def job_page_key(workspace: Workspace, kind: str, job_id: str, number: int, what: str) -> Key:
    """`what`: the step whose result it is, "links" or "accounts" for what the page is about."""
    return _key(workspace, f"J#{kind}#{job_id}", f"{PAGES_PREFIX}{number:07d}#{what}")


def job_problems_key(workspace: Workspace, kind: str, job_id: str, page: int, part: int) -> Key:
    """Page 0 are the problems found while reading; the others those of a page of work."""
    return _key(workspace, f"J#{kind}#{job_id}", f"{PROBLEMS_PREFIX}{page:07d}#{part:06d}")


def keyed_call_key(workspace: Workspace, call_id: str) -> Key:
    return _key(workspace, f"K#{call_id}", "CALL")


def memberships_partition(subject: str) -> str:
    return f"~#M#{subject}"


def membership_key(subject: str, workspace: Workspace) -> Key:
    return {"PK": memberships_partition(subject), "SK": workspace.id}


MEMBER_PREFIX = "MEMBER#"


def roster_partition(workspace: Workspace) -> str:
    return f"{workspace.id}#M"


def roster_key(workspace: Workspace) -> Key:
    # Sorts before the members: a query meets the revision before what it is of.
    return _key(workspace, "M", "A#REV")


def member_key(workspace: Workspace, subject: str) -> Key:
    return _key(workspace, "M", f"{MEMBER_PREFIX}{subject}")


PROFILE_PREFIX = "PROFILE#"


def profile_key(workspace: Workspace, key: str) -> Key:
    return _key(workspace, "C", f"{PROFILE_PREFIX}{key}")


WORKSPACES_PARTITION = "~#WORKSPACES"


def workspace_key(workspace: Workspace) -> Key:
    return {"PK": WORKSPACES_PARTITION, "SK": workspace.id}


FENCE_KEY: Key = {"PK": "~#FENCE", "SK": "FENCE"}
CLOCK_KEY: Key = {"PK": "~#CLOCK", "SK": "CLOCK"}
