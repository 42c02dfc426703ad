"""Our client of DynamoDB answers as botocore's own does, of everything that the adapters use."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.session import get_session

from stageline.adapters.dynamodb.client import make_client
from tests.table import table_properties

ITEM: Any = {
    "PK": {"S": "acme#A#a1"},
    "SK": {"S": "META"},
    "name": {"S": "Ärzte & Co"},
    "rev": {"N": "3"},
    "deleted": {"BOOL": False},
    "days": {"L": [{"L": [{"N": "0"}, {"NULL": True}]}]},
    "counts": {"M": {"read": {"N": "1"}}},
}
KEY = {"PK": ITEM["PK"], "SK": ITEM["SK"]}
GONE = {"PK": {"S": "acme#A#a2"}, "SK": {"S": "META"}}
CHECKED = {"TableName": "clients", "Item": ITEM, "ConditionExpression": "attribute_not_exists(PK)"}
QUERY = {"KeyConditionExpression": "PK = :pk", "ExpressionAttributeValues": {":pk": ITEM["PK"]}}


@pytest.fixture(scope="module")
def clients():
    ours, botocores = make_client(get_session()), boto3.client("dynamodb")
    ours.create_table(**table_properties("clients"))
    ours.put_item(TableName="clients", Item=ITEM)
    return ours, botocores


def answers(clients, name, **request):
    found = [getattr(client, name)(**request) for client in clients]
    for answer in found:
        assert answer.pop("ResponseMetadata")["HTTPStatusCode"] == 200
    return found


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("get_item", {"TableName": "clients", "Key": KEY, "ConsistentRead": True}),
        ("get_item", {"TableName": "clients", "Key": GONE}),
        ("query", {"TableName": "clients", "Limit": 1, **QUERY}),
        ("batch_get_item", {"RequestItems": {"clients": {"Keys": [KEY, GONE]}}}),
        ("scan", {"TableName": "clients", "Segment": 0, "TotalSegments": 1}),
        ("put_item", {"TableName": "clients", "Item": ITEM}),
    ],
)
def test_answers_are_the_same(clients, name, request_):
    ours, botocores = answers(clients, name, **request_)

    assert ours == botocores


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("put_item", CHECKED),
        ("transact_write_items", {"TransactItems": [{"Put": CHECKED}]}),
        ("get_item", {"TableName": "of nobody", "Key": KEY}),
        ("get_item", {"TableName": "clients", "Key": {"PK": {"S": "a key without its sort"}}}),
    ],
)
def test_refusals_are_the_same(clients, name, request_):
    refused = []
    for client in clients:
        with pytest.raises(ClientError) as caught:
            getattr(client, name)(**request_)
        answer = caught.value.response
        reasons = [one.get("Code") for one in answer.get("CancellationReasons", [])]
        refused.append((type(caught.value).__name__, answer["Error"]["Code"], reasons))

    assert refused[0] == refused[1]


def test_how_many_items_the_table_has_is_a_number(clients):
    for client in clients:
        assert client.describe_table(TableName="clients")["Table"]["ItemCount"] == 1
