"""How properties are tried: by no clock, and in CI by the same examples each time.

``pytest --hypothesis-profile=thorough`` tries many more examples.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "dilcli",
    deadline=None,
    derandomize="CI" in os.environ,
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("thorough", settings.get_profile("dilcli"), max_examples=1000)
settings.load_profile("dilcli")
