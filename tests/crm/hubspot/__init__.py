"""A fake of HubSpot's CRM API v3 and v4 that keeps state and refuses what HubSpot refuses.

It follows HubSpot's documents, not a client of it. Confirmed in them:

- OpenAPI files (contacts, calls, associations v4, owners, account info, OAuth): paths, methods,
  scopes, members of bodies and answers, list pages of 10, `NTI1Cg==` as a cursor, the form of token
  requests, 204 of deletes and erasures, that erasing by an unknown e-mail address blocks it, that
  archived contacts can be restored for 90 days, that searches are exempt from the limit of ten
  seconds
- search guide: 200 a page, 10,000 results, 3,000 characters, 5 groups, 6 filters in each, 18 in
  all, one sort, `after` as an integer, times in milliseconds, lower case in IN, five searches a
  second for the account, nothing archived, a moment until a change is found
- object API guide: 100 inputs in a batch, the bodies of 400 and MISSING_SCOPES, 207 with
  `objectWriteTraceId`
- usage guidelines: the body of 429, `policyName`, which headers are sent and when (none with
  searches, none of the day with OAuth), midnight in the account's time zone
- changelog: a merge makes a new record, the old ids answer with it, the primary's values win
  ("Updated merge functionality"); 1,000 ids in a read of associations ("Batch Read Limit")
- OAuth guide: tokens last 30 minutes; client_credentials is for the webhooks journal only

Seen in answers that users posted: 401 EXPIRED_AUTHENTICATION and its context, 409 "Contact already
exists", 400 BAD_REFRESH_TOKEN and BAD_CLIENT_ID, the messages of TEN_SECONDLY_ROLLING and of
searches ("secondly limit"), 207 NO_ASSOCIATIONS_FOUND, the association types 1, 2, 279 and 280,
the probability with all its digits, the HTML of 414, that creation, id and last change come with
every record, `hs_calculated_merged_vids`.

Not confirmed, and options of the fake (`Options`; the default is the stricter reading):

- `retry_after_seconds`: whether a 429 carries Retry-After (no document lists it)
- `ties_by_id`: the order among equal values of the sorted property
- `total_capped`: whether `total` of a search stops at 10,000
- `iso_dates_in_filters`: whether filters take ISO dates beside milliseconds
- `spec_members_required`: the OpenAPI file requires `propertiesWithHistory` of a batch read, the
  guide's examples leave it out
- `numeric_association_ids`: `toObjectId` is text in the OpenAPI file, a number in older answers
- `associations_move_modified`: whether an association moves the date of the last change
- `same_value_moves_modified`: whether writing the value that is there moves it
- `merged_in_archived`: whether merged records are listed with `archived=true`
- `merge_creates_record=False`: how accounts merged before the change; their records remain
- `unknown_gdpr_status`, `gdpr_blocks_email`: erasing an unknown id; the erased one's address
- `refresh_rotates`: whether a refresh returns a new refresh token
- `owners_page`, `association_page`, `longest_uri`: the largest pages and addresses (reported: 500,
  500, 8,000 to 16,000)
- `client_credentials_reach_crm`: for tests only

Not confirmed, and fixed here: the words of 400 messages, 404 "resource not found", which id stands
in `hs_merged_object_ids` after a merge (all the former ones), that `after + limit` beyond 10,000 is
refused, the names of association types in v3, the other association types.
Not built: histories of properties, upserts, custom objects, webhooks, writing owners or pipelines.
"""

from tests.crm.hubspot.directory import Stage
from tests.crm.hubspot.fake import HubSpot, Request

__all__ = ["HubSpot", "Request", "Stage"]
