"""How many examples property tests try: some, few on the second Python, many under `make fuzz`; a plugin of tests/conftest.py."""

from hypothesis import HealthCheck, settings

# Two cores are shared with the other tests, so no example has a deadline and slow data is no fault.
settings.register_profile(
    "default", max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
# On the second Python, which differs from the first in no rule of ours.
settings.register_profile("again", parent=settings.get_profile("default"), max_examples=20)
settings.register_profile("fuzz", parent=settings.get_profile("default"), max_examples=10_000)
settings.load_profile("default")
