"""The sample company's accounts: single ones, groups, and groups of groups."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from tools.sample_data.words import (
    COUNTRIES,
    FIRST_WORDS,
    INDUSTRIES,
    LEGAL_FORMS,
    ODD_NAMES,
    REGIONS,
    SECOND_WORDS,
    SELLERS,
)

COLUMNS = (
    "external_id",
    "name",
    "parent_external_id",
    "domain",
    "industry",
    "country",
    "owner_email",
    "created_on",
    "in_crm",
)

GROUPS = 230

# What every group of accounts is meant to be on the day of generation, and how often.
STAGES = {
    "new_prospect": 14,
    "in_crm": 26,
    "pipeline": 20,
    "client": 16,
    "client_pipeline": 13,
    "recently_lost": 11,
}


@dataclass(frozen=True, slots=True)
class Group:
    """Accounts that pool their deals, the root first, and the stage they are meant to have."""

    stage: str
    accounts: tuple[dict[str, str], ...]


def groups(chance: random.Random, today: date) -> Iterator[Group]:
    """Yield the groups, the same for the same seed and day."""
    names = _names(chance)
    odd_names = list(ODD_NAMES)
    stages = list(STAGES)
    weights = list(STAGES.values())
    number = 1000
    for index in range(GROUPS):
        # Every stage is there, whatever chance says.
        stage = stages[index] if index < len(stages) else chance.choices(stages, weights)[0]
        name = odd_names.pop() if index % 25 == 7 and odd_names else next(names)
        root = _account(chance, number, name, "", stage, today)
        members = [root]
        for parent_position, region in _tree(chance, single=index % 25 == 7):
            parent = members[parent_position]
            member = _account(
                chance,
                number + len(members),
                f"{root['name']} {region}",
                parent["external_id"],
                stage,
                today,
            )
            members.append(member | {"domain": f"{region.casefold()}.{root['domain']}"})
        number += len(members)
        yield Group(stage, tuple(members))


def _names(chance: random.Random) -> Iterator[str]:
    pairs = [f"{first} {second}" for first in FIRST_WORDS for second in SECOND_WORDS]
    chance.shuffle(pairs)
    for pair in pairs:
        yield pair + chance.choice(LEGAL_FORMS)


def _tree(chance: random.Random, *, single: bool) -> list[tuple[int, str]]:
    """Return (position of the parent, region) of every account under the root."""
    if single or chance.random() < 0.78:
        return []
    regions = chance.sample(REGIONS, chance.randint(1, 4))
    # A third of the groups is nested: an account hangs below another one that has a parent.
    nested = chance.random() < 0.34
    return [(index if nested else 0, region) for index, region in enumerate(regions)]


def _account(
    chance: random.Random, number: int, name: str, parent: str, stage: str, today: date
) -> dict[str, str]:
    slug = "".join(letter for letter in name.casefold() if letter.isascii() and letter.isalnum())
    in_crm = stage != "new_prospect"
    created_on = today - timedelta(days=chance.randint(200, 1900))
    return {
        "external_id": f"ACC-{number}",
        "name": name,
        "parent_external_id": parent,
        "domain": f"{slug}.example.com",
        "industry": chance.choice(INDUSTRIES),
        "country": chance.choice(COUNTRIES),
        "owner_email": chance.choice((*SELLERS, "")),
        "created_on": created_on.isoformat() if in_crm and chance.random() < 0.9 else "",
        "in_crm": "true" if in_crm else "false",
    }
