"""Every address of the API: who answers, and the scopes of which one is needed."""

import re
from collections.abc import Callable, Mapping

from tests.crm.hubspot import associations, batches, facts, objects
from tests.crm.hubspot.account import Account
from tests.crm.hubspot.answers import Answer, refusal
from tests.crm.hubspot.calls import Call
from tests.crm.hubspot.schema import plural, scope

type Handler = Callable[[Account, Call], Answer]

# A scope is "read" or "write" for that of the object in the path, or its full name.
_ADDRESSES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", "/crm/v3/objects/{object}", "read", objects.read_page),
    ("POST", "/crm/v3/objects/{object}", "write", objects.create),
    ("POST", "/crm/v3/objects/contacts/gdpr-delete", "crm.objects.contacts.write", objects.erase),
    ("POST", "/crm/v3/objects/{object}/merge", "write", objects.merge),
    ("POST", "/crm/v3/objects/{object}/batch/read", "read", batches.read),
    ("POST", "/crm/v3/objects/{object}/batch/create", "write", batches.create),
    ("POST", "/crm/v3/objects/{object}/batch/update", "write", batches.update),
    ("POST", "/crm/v3/objects/{object}/batch/archive", "write", batches.archive),
    ("GET", "/crm/v3/objects/{object}/{id}", "read", objects.read_one),
    ("PATCH", "/crm/v3/objects/{object}/{id}", "write", objects.change),
    ("DELETE", "/crm/v3/objects/{object}/{id}", "write", objects.archive),
    ("POST", "/crm/v4/associations/{from}/{to}/batch/read", "read", associations.read_batch),
    ("POST", "/crm/v4/associations/{from}/{to}/batch/create", "write", associations.create_batch),
    (
        "POST",
        "/crm/v4/associations/{from}/{to}/batch/associate/default",
        "write",
        associations.create_defaults,
    ),
    ("POST", "/crm/v4/associations/{from}/{to}/batch/archive", "write", associations.remove_batch),
    ("GET", "/crm/v4/objects/{from}/{id}/associations/{to}", "read", associations.read_one),
    (
        "PUT",
        "/crm/v4/objects/{from}/{id}/associations/default/{to}/{to_id}",
        "write",
        associations.put_default,
    ),
    ("GET", "/crm/v3/properties/{object}", "read", facts.properties),
    ("GET", "/crm/v3/properties/{object}/{id}", "read", facts.one_property),
    ("GET", "/crm/v3/pipelines/{object}", "read", facts.pipelines),
    ("GET", "/crm/v3/pipelines/{object}/{id}", "read", facts.one_pipeline),
    ("GET", "/crm/v3/owners", "crm.objects.owners.read", facts.owners),
    ("GET", "/crm/v3/owners/{id}", "crm.objects.owners.read", facts.one_owner),
    ("GET", "/account-info/v3/details", "", facts.details),
    ("GET", "/account-info/v3/api-usage/daily/private-apps", "", facts.usage),
)
_SEARCH = ("POST", "/crm/v3/objects/{object}/search", "read")


class Routes:
    def __init__(self, search: Handler) -> None:
        self._routes = [
            (method, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)), needs, handler)
            for method, path, needs, handler in ((*_SEARCH, search), *_ADDRESSES)
        ]

    def find(self, method: str, path: str) -> tuple[Handler, str, Mapping[str, str]]:
        """The handler, the scope that is needed, and the words of the path. Raises Refused."""
        known = False
        for of_method, pattern, needs, handler in self._routes:
            if found := pattern.fullmatch(path):
                known = True
                if of_method == method:
                    words = found.groupdict()
                    return handler, _scope(needs, words), words
        if known:
            raise refusal(405, "METHOD_NOT_ALLOWED", "Method not allowed")
        raise refusal(404, "OBJECT_NOT_FOUND", "resource not found")


def _scope(needs: str, words: Mapping[str, str]) -> str:
    if needs not in ("read", "write"):
        return needs
    return scope(plural(words.get("object") or words["from"]), needs)
