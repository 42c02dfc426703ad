"""Erasures of a deployment in memory: the real steps, with queue, journal and files in memory."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache

from benchmarks.deployment import WORKSPACE, Deployment
from stageline import bootstrap
from stageline.domain.erasure import ErasureRequest, Selection
from stageline.domain.journal import JournalEntry
from stageline.domain.workspace import Workspace
from stageline.erasure_ports import Step
from stageline.use_cases.erasure_requests import Asked, approve, execute, request_erasure
from stageline.use_cases.erasure_steps import work
from tests.fakes.privacy import KeptCertificates, KeySigner

_REQUEST = "0" * 32


class StepsInMemory:
    """The port `ErasureQueue`; it keeps ranges, not messages."""

    def __init__(self) -> None:
        self.waiting: deque[tuple[str, Step, Sequence[int]]] = deque()

    def send(self, request_id: str, step: Step, parts: Sequence[int]) -> None:
        self.waiting.append((request_id, step, parts))


class CountedJournal:
    """Keeps how much was written: what a bucket holds is not in the function's memory."""

    def __init__(self) -> None:
        self.entries_written = 0

    def write(self, entry: JournalEntry) -> None:
        self.entries_written += bool(entry.to_json())

    def entries(self, skip: int = 0) -> Iterator[JournalEntry]:
        return iter(())

    def counts(self) -> Mapping[Workspace, int]:
        return {WORKSPACE: self.entries_written}

    def is_empty(self) -> bool:
        return not self.entries_written


class NoFiles:
    def held(self) -> Sequence[tuple[str, str | None]]:
        return ()

    def remove(self, keys: Iterable[str]) -> int:
        return 0


class Erasures:
    def __init__(self, deployed: Deployment) -> None:
        self._deployed = deployed
        self._queue = StepsInMemory()
        journal, certificates, signer = CountedJournal(), KeptCertificates(), KeySigner()
        built = bootstrap.privacy(WORKSPACE)
        self._privacy = replace(
            built,
            queue=lambda: self._queue,
            journal=lambda: journal,
            certificates=lambda: certificates,
            signer=lambda: signer,
            files=NoFiles,
            erasing=replace(built.erasing, sleep=lambda seconds: None),
        )

    def asked(self) -> ErasureRequest:
        asked = Asked(
            way="erase",
            ground="storage_limitation",
            reason="benchmark",
            selection=Selection(self._deployed.clock.now()),
        )
        request_erasure(self._privacy, _REQUEST, asked, by="benchmark")
        return self._worked_off()

    def carried_out(self) -> ErasureRequest:
        request = self._request()
        assert request.preview is not None
        approve(self._privacy, _REQUEST, request.preview.hash, None, by="an officer")
        execute(self._privacy, _REQUEST)
        return self._worked_off()

    def _worked_off(self) -> ErasureRequest:
        while self._queue.waiting:
            request_id, step, parts = self._queue.waiting.popleft()
            for part in parts:
                work(self._privacy, request_id, step, part)
        return self._request()

    def _request(self) -> ErasureRequest:
        return self._privacy.erasing.records.erasures.get(_REQUEST)


@cache
def erasures_of(deployed: Deployment) -> Erasures:
    """Return the erasures of a deployment: a request goes on from one phase to the next."""
    return Erasures(deployed)
