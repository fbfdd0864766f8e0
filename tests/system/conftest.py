import pytest

from service import Service


@pytest.fixture
def service():
    with Service() as started:
        yield started.start()


@pytest.fixture(scope="module")
def shared_service():
    """One service for tests that keep to rooms of their own."""
    with Service() as started:
        yield started.start()


@pytest.fixture
def client(shared_service):
    its = shared_service.client()
    yield its
    its.close()


@pytest.fixture
def room(request):
    """A room of its own for each test."""
    return request.node.name
