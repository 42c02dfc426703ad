"""Which errors of AWS pass by themselves, and which would come back with the same record."""

from botocore.exceptions import BotoCoreError, ClientError

# AWS refuses the request itself: the same record would be refused for ever.
_REFUSED = {
    "ItemCollectionSizeLimitExceededException",
    "SerializationException",
    "TransactionCanceledException",
    "ValidationError",
    "ValidationException",
}
# What a cancelled transaction says of an operation that may succeed later.
_PASSING_REASONS = {
    "ConditionalCheckFailed",
    "ProvisionedThroughputExceeded",
    "ThrottlingError",
    "TransactionConflict",
}


def is_transient(error: BaseException) -> bool:
    """Tell whether the same work may succeed later: throttling, connections, 5xx, permissions.

    A missing permission or key is nobody's record's fault: what waits is done once it is there.
    """
    if isinstance(error, ClientError):
        code = error.response.get("Error", {}).get("Code", "")
        if code == "TransactionCanceledException":
            reasons = error.response.get("CancellationReasons", [])
            codes = {reason.get("Code") for reason in reasons} - {"None", None}
            return bool(codes & _PASSING_REASONS)
        return code not in _REFUSED
    return isinstance(error, BotoCoreError | TimeoutError | ConnectionError)
