"""The first answer of a fresh process: import, then GET of an account through a handler."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.packaged import run_fresh, unpacked_build
from benchmarks.playback import playing
from benchmarks.recording import ENVIRONMENT, Recording, record_get_account


@dataclass(frozen=True, slots=True)
class Cold:
    """`packaged` is the import path of the API function as Lambda unpacks it."""

    packaged: Sequence[Path]
    recording: Recording
    event_file: Path
    environment: Mapping[str, str]

    def answer(self, module: str, *, more: Sequence[Path] = ()) -> float:
        """Return the seconds to the first answer of the module's handler; checks the answer."""
        done = run_fresh(
            "call_handler",
            [*self.packaged, *more],
            module,
            str(self.event_file),
            environment=self.environment,
        )
        assert done["status"] == 200, done
        assert done["body"] == self.recording.body, "not the answer that was recorded"
        return float(done["seconds"])

    def get_item(self) -> float:
        """Return the seconds to the first item of a plain boto3 client."""
        done = run_fresh(
            "get_item",
            self.packaged[-1:],
            ENVIRONMENT["TABLE_NAME"],
            json.dumps(self.recording.key),
            environment=self.environment,
        )
        assert {name: done["item"][name] for name in self.recording.key} == self.recording.key
        return float(done["seconds"])


@contextmanager
def cold() -> Iterator[Cold]:
    recording = record_get_account()
    with unpacked_build() as packaged, TemporaryDirectory(prefix="stageline-cold-") as directory:
        event_file = Path(directory, "event.json")
        event_file.write_text(json.dumps(recording.event))
        with playing(recording.answers, Path(directory)) as endpoint:
            yield Cold(packaged, recording, event_file, ENVIRONMENT | endpoint)
