"""The swing rules; those with a kernel of their own, which takes seconds to compile, are slow."""

import pytest

OWN_KERNEL = [pytest.param(rule, marks=pytest.mark.slow) for rule in ("logit", "strong-transition")]


@pytest.fixture(params=["asymmetric", "uniform", "proportional", *OWN_KERNEL])
def rule(request):
    return request.param
