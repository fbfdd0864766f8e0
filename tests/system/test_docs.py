"""The document and the page that shows it."""

import gzip
import json
import re
import urllib.parse

import pytest

pytestmark = pytest.mark.one_at_a_time


def test_the_document_names_every_route(client):
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    metrics = client.get("/metrics").text.decode()
    assert document["info"]["version"] == re.search(r'version="([^"]+)"', metrics).group(1)
    for path, item in document["paths"].items():
        for method in ("get", "post"):
            if method in item:
                allow = client.request("OPTIONS", path).headers["allow"]
                assert method.upper() in allow, path


def test_the_page_loads_only_its_own_files(client):
    answer = client.get("/docs")
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
    page = answer.text.decode()
    references = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert references
    for reference in references:
        assert ":" not in reference and not reference.startswith("//"), reference
        assert client.get(urllib.parse.urljoin("/docs", reference)).status == 200, reference
    assert "<style" not in page and not re.search(r"<script(?![^>]*src=)", page)


def test_files_are_compressed_and_cached(client):
    plain = client.get("/docs/swagger-ui-bundle.js")
    packed = client.get("/docs/swagger-ui-bundle.js", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.text) == plain.text
    again = client.get("/docs/swagger-ui-bundle.js", headers={"If-None-Match": plain.headers["etag"]})
    assert again.status == 304 and again.text == b""
    assert json.loads(client.get("/openapi.json").text)
