"""What a log line may say of an error: its type and place. Its text may quote people's data."""

from pathlib import PurePath
from traceback import extract_tb


def names_of(error: BaseException | None) -> dict[str, str]:
    if error is None:
        return {}
    frames = extract_tb(error.__traceback__)
    place = f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"
    return {"error": type(error).__name__, "error_at": place}
