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


@pytest.mark.parametrize("path", ["/docs", "/"])
def test_a_page_loads_only_its_own_files(client, path):
    answer = client.get(path)
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert "frame-ancestors 'none'" in policy and "unsafe" not in policy and "http" not in policy
    assert ("data:" in policy) == (path == "/docs"), "what Swagger UI needs, and nothing else does"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    page = answer.text.decode()
    references = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert references
    for reference in references:
        assert ":" not in reference and not reference.startswith("/"), reference
        assert client.get(urllib.parse.urljoin(path, reference)).status == 200, reference
    assert "<style" not in page and not re.search(r"<script(?![^>]*src=)", page)


def test_the_page_redirects_nobody_and_takes_no_other_address(client):
    whole = client.get("/")
    head = client.request("HEAD", "/")
    assert head.status == 200 and head.text == b"" and head.headers["content-length"] == str(len(whole.text))
    assert client.get("/?a=b").status == 200
    assert client.request("OPTIONS", "/").headers["allow"] == "GET, HEAD, OPTIONS"
    assert client.post("/", "{}").status == 405
    for path in ("/page", "/page/", "/page/other.js", "/index.html", "//", "/x", "/%2F"):
        assert client.get(path).status == 404, path


@pytest.mark.parametrize("path", ["/docs/swagger-ui-bundle.js", "/", "/page/main.js"])
def test_files_are_compressed_and_cached(client, path):
    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.text) == plain.text
    again = client.get(path, headers={"If-None-Match": plain.headers["etag"]})
    assert again.status == 304 and again.text == b""
    assert json.loads(client.get("/openapi.json").text)
