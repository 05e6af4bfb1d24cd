import os, uuid, pytest
@pytest.fixture(scope="session")
def kafka(): return "127.0.0.1:19092"
@pytest.fixture
def unique(): return "u"+uuid.uuid4().hex[:8]
