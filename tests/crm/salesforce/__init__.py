"""A fake of Salesforce's REST API that keeps state and refuses what Salesforce refuses.

    with Salesforce() as crm:
        account = crm.add("Account", {"Name": "Acme"})
        ...  # a client signs in at crm.url with crm.app's credentials
        crm.clock.advance(days=16)

It follows the vendor's pages, not a client of ours. What it does not know (GROUP BY, OFFSET,
subqueries, date literals, functions) it answers with 501 BEYOND_THIS_FAKE, so that a test cannot
take a gap of the fake for a refusal. SystemModstamp is in whole seconds; nothing happens by itself:
time passes when a test lets it.

Confirmed (developer.salesforce.com, help.salesforce.com):
- status codes and the array of errors; 414 and 431 beyond 16,384 bytes; 403
  REQUEST_LIMIT_EXCEEDED; MALFORMED_ID (REST guide, Status Codes and Error Responses)
- batchSize 200 to 2,000, default 2,000, no guarantee (Query Options Header); locators of 18
  characters with prefix 0r8, for two days, any number of them (help 000384958; API Query Cursor
  Limits)
- Sforce-Limit-Info, not on the versions, which count for nothing (Limit Info Header)
- ORDER BY: nulls first, ties in any order, text without minding case; AND and OR are mixed in
  parentheses only; strings compare without minding case; a date is not compared with a dateTime
  (SOQL reference)
- deleted: 15 days, updated: 30 days, by SystemModstamp; seconds are dropped; start before end or
  INVALID_REPLICATION_DATE; EXCEEDED_ID_LIMIT at 600,000 (sObject Get Deleted, Get Updated, SOAP)
- merge: up to three accounts or contacts, MasterRecordId on the losers, children move and stay
  moved after undelete; the bin keeps 15 days; deleting takes children along; undelete brings
  parent accounts back (SOAP merge(), Apex guide)
- upsert: 201 or 200 with `created`, 300 with choices, updateOnly; collections of 200 in 10 chunks
- query jobs: fields of the answer, 412 JOB_NOT_COMPLETE (guide of v46), 409 for another version,
  "null" at the end, locators that stay, columns in the order asked for, no aggregates and compound
  fields (Bulk API 2.0 guide); instants in Z and 100.0 in CSV (Celigo's guide)
- owners of tasks and events are of several objects; what can be asked of them is that of the object
  Name, Email among it (Understanding Relationship Fields; object Name)
- SystemModstamp moves by processes of the system, LastModifiedDate does not (help 000387261);
  milliseconds are not compared (salesforce.stackexchange 234824)
- sessions live from use to use; invalid_grant with "audience is invalid", "expired authorization
  code", "invalid assertion", "user hasn't approved this consumer", "no client credentials user
  enabled" (stackexchange, issues of clients)

Not confirmed; the first seven are fields of `Options` or `App`:
- deletion_moves_modstamp: a deletion moves SystemModstamp
- reparenting_moves_modstamp: a merge or a deletion moves SystemModstamp of the children it changes
- locators_once: a page of a query is given once only (SOAP says so of its locators)
- smaller_batches: batches smaller than asked for
- bulk_header_on_each_page: every set of a query job's results has a header row
- bulk_page, bulk_polls: the default size of a set; how often a job is not ready yet
- App.longest_assertion: how far ahead `exp` may lie (clients use 3 and 5 minutes)
- a cursor's rows are those of the moment of the query; a batchSize out of range is clamped
- ids sort and compare by their bytes; `+0000` without a colon and a literal with milliseconds in
  SOQL (refused; accepted)
- earliestDateAvailable is the last physical deletion, or the org's first day
- wording of messages and of the codes DUPLICATE_VALUE, STRING_TOO_LONG, CIRCULAR_DEPENDENCY,
  REQUIRED_FIELD_MISSING, API_ERROR and INVALIDJOB of query jobs, ENTITY_IS_DELETED with 404
- /connect/organization: features.multiCurrency and, if that is false, .defaultCurrencyIsoCode
- a refused request does not count for the quota; /limits does
- an account that is deleted takes contacts, opportunities and activities along, not child accounts
"""

from tests.crm.salesforce.fake import Salesforce
from tests.crm.salesforce.login import App
from tests.crm.salesforce.options import Options

__all__ = ["App", "Options", "Salesforce"]
