"""How long the property tests search: HYPOTHESIS_PROFILE=dev (default), ci or nightly."""

import os
from datetime import timedelta

from hypothesis import HealthCheck, settings

for name, examples in {"dev": 100, "ci": 300, "nightly": 20_000}.items():
    settings.register_profile(
        name,
        max_examples=examples,
        deadline=timedelta(seconds=10),
        suppress_health_check=[HealthCheck.too_slow],
        derandomize=name == "ci",
    )
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))
