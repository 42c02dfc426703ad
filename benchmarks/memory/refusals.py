"""What DynamoDB answers to a request that it does not carry out."""

from botocore.exceptions import ClientError


class ConditionalCheckFailedException(ClientError):
    pass


class TransactionConflictException(ClientError):
    pass


class TransactionCanceledException(ClientError):
    pass


class ValidationException(ClientError):
    pass


def invalid(operation: str) -> ClientError:
    return refused(ValidationException, "more, or larger, than DynamoDB takes", operation)


def refused(kind: type[ClientError], message: str, operation: str) -> ClientError:
    return kind({"Error": {"Code": kind.__name__, "Message": message}}, operation)
