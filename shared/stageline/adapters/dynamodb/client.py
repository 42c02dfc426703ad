"""The client of DynamoDB: botocore's, without what it does to every value for nothing.

It checks each request against its model value by value, which DynamoDB does as well, and walks
through each answer in the same way, which takes most of the time that a page of items costs. All
that it would turn into something else there are binary values and timestamps: items hold none, and
of tables nobody here asks when they were made.
"""

from typing import TYPE_CHECKING, Any, cast

from botocore.config import Config
from botocore.parsers import JSONParser, ResponseParserFactory
from botocore.session import Session

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_DYNAMODB = "json"


def make_client(session: Session, **options: Any) -> "DynamoDBClient":
    """Return a client that hands out DynamoDB's answers as the JSON they are."""
    session.register_component("response_parser_factory", _Factory())
    # A name of our own is also quicker than the one that botocore composes for each request.
    config = Config(parameter_validation=False, user_agent="stageline")
    return cast("DynamoDBClient", session.create_client("dynamodb", config=config, **options))


class _Factory(ResponseParserFactory):
    def create_parser(self, protocol_name: str) -> Any:
        return _Plain() if protocol_name == _DYNAMODB else super().create_parser(protocol_name)


class _Plain(JSONParser):
    def _parse_shape(self, shape: Any, node: Any) -> Any:
        return node
