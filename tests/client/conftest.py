"""What every test of the client is handed."""

import pytest
import respx

from tests.client.gateway_double import Asking, GatewayDouble, StillClock


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def gateway(clock: StillClock) -> GatewayDouble:
    return GatewayDouble(clock)


@pytest.fixture
def router(gateway: GatewayDouble) -> respx.MockRouter:
    router = respx.MockRouter(base_url="https://gw.example", assert_all_called=False)
    router.post("/v1/verifications").mock(side_effect=gateway)
    router.post("/v1/subjects/accesses").mock(side_effect=gateway)
    router.post("/v1/verifications/search").mock(side_effect=gateway)
    router.post(path__regex=r"/v1/verifications/[^/]+/findings$").mock(side_effect=gateway)
    router.get(path__regex=r"/v1/verifications/[^/]+(/receipt)?$").mock(side_effect=gateway)
    return router


@pytest.fixture(params=["sync", "async"])
def asking(request: pytest.FixtureRequest, router: respx.MockRouter, clock: StillClock) -> Asking:
    return Asking(request.param, router, clock)
