"""Tokens made by others: python3-jwt, OpenSSL on the command line, and npm's jose; and the program's own commands."""

import base64
import json
import os
import pathlib
import subprocess
import time

import jwt
import pytest

import npm
from credentials import KEY, SensorKey, register
from service import BINARY, Service, reading

pytestmark = pytest.mark.one_at_a_time

ALGORITHMS = ["EdDSA", "ES256"]


def accepts(secured, sensor, token):
    return secured.client(key=token).post("/v1/readings", reading(sensor=sensor)).status == 200


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_python3_jwt(secured, algorithm):
    key, name = SensorKey(algorithm), "pyjwt-" + algorithm
    register(secured.client(key=KEY), name, key)
    now = int(time.time())
    claims = {"sub": name, "aud": "temperature-service", "iat": now, "exp": now + 600}
    token = jwt.encode(claims, key.private_pem(), algorithm=algorithm, headers={"kid": "k1"})
    assert accepts(secured, name, token)
    assert not accepts(secured, name, jwt.encode(claims, SensorKey(algorithm).private_pem(), algorithm=algorithm,
                                                 headers={"kid": "k1"}))


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*arguments, **more):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, **more).stdout


def der_numbers(der):
    """R and S of an ECDSA signature in DER, 32 bytes each."""
    numbers, at = [], 2
    for _ in range(2):
        size = der[at + 1]
        numbers.append(int.from_bytes(der[at + 2:at + 2 + size], "big").to_bytes(32, "big"))
        at += 2 + size
    return b"".join(numbers)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_openssl_on_the_command_line(secured, tmp_path, algorithm):
    name, private, public = "openssl-" + algorithm, tmp_path / "key.pem", tmp_path / "pub.pem"
    kind = ["ed25519"] if algorithm == "EdDSA" else ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
    openssl("genpkey", "-algorithm", *kind, "-out", private)
    openssl("pkey", "-in", private, "-pubout", "-out", public)
    admin = secured.client(key=KEY)
    body = {"keys": [{"kid": "k1", "public_key": public.read_text()}]}
    assert admin.request("PUT", "/v1/sensors/" + name, body).status == 200
    now = int(time.time())
    header = {"alg": algorithm, "kid": "k1"}
    claims = {"sub": name, "aud": "temperature-service", "iat": now, "exp": now + 600}
    signed = base64url(json.dumps(header).encode()) + "." + base64url(json.dumps(claims).encode())
    message = tmp_path / "message"
    message.write_text(signed)
    if algorithm == "EdDSA":
        signature = openssl("pkeyutl", "-sign", "-inkey", private, "-rawin", "-in", message)
    else:
        signature = der_numbers(openssl("dgst", "-sha256", "-sign", private, message))
    assert accepts(secured, name, signed + "." + base64url(signature))


@pytest.fixture(scope="module")
def jose():
    """The folder with npm's jose."""
    return npm.installed("jose")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_jose_of_npm(secured, jose, algorithm):
    name = "jose-" + algorithm
    run = subprocess.run(["node", "sign.mjs", algorithm, name], cwd=jose, check=True, capture_output=True, text=True)
    made = json.loads(run.stdout)
    admin = secured.client(key=KEY)
    body = {"keys": [{"kid": "k1", "public_key": made["jwk"]}]}
    assert admin.request("PUT", "/v1/sensors/" + name, body).status == 200
    assert accepts(secured, name, made["token"])
    assert not accepts(secured, name, made["other"])


def run(secured, *arguments, status=0, **environment):
    url = f"http://127.0.0.1:{secured.port}"
    environment = dict(os.environ, TEMPERATURE_URL=url, TEMPERATURE_KEY=KEY, **environment)
    ended = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, env=environment, timeout=60)
    assert ended.returncode == status, ended.stderr
    return ended.stdout.strip() if status == 0 else ended.stderr


@pytest.mark.parametrize("algorithm", ["ed25519", "p256"])
def test_the_commands_register_rotate_and_revoke(secured, tmp_path, algorithm):
    name = f"cli/{algorithm} ü"
    one, two = tmp_path / "one", tmp_path / "two"
    run(secured, "keygen", "--out", one, "--algorithm", algorithm)
    assert pathlib.Path(f"{one}.key.pem").stat().st_mode & 0o777 == 0o600
    assert "cannot write" in run(secured, "keygen", "--out", one, status=1)  # never over a key that is there
    shown = json.loads(run(secured, "sensor", "add", name, "--public-key", f"{one}.pub.pem", "--room", "hall",
                           "--quantity", "co2", "--quantity", "temperature"))
    assert shown["sensor"] == name and shown["room"] == "hall" and shown["quantities"] == ["co2", "temperature"]
    first = run(secured, "token", "--key", f"{one}.key.pem", "--sensor", name)
    send = lambda token: secured.client(key=token).post("/v1/readings", reading(room="hall", sensor=name)).status
    assert send(first) == 200
    assert name in [json.loads(line)["sensor"] for line in run(secured, "sensor", "list").splitlines()]

    run(secured, "keygen", "--out", two)
    run(secured, "sensor", "rotate", name, "--public-key", f"{two}.pub.pem")
    second = run(secured, "token", "--key", f"{two}.key.pem", "--sensor", name, "--lifetime", "10m")
    assert (send(first), send(second)) == (200, 200)
    shown = json.loads(run(secured, "sensor", "rotate", name))
    assert shown["room"] == "hall" and shown["quantities"] == ["co2", "temperature"]
    assert (send(first), send(second)) == (401, 200)
    run(secured, "sensor", "revoke", name)
    assert send(second) == 401
    assert "404" in run(secured, "sensor", "revoke", name, status=1)


def test_the_commands_make_and_revoke_keys(secured):
    made = json.loads(run(secured, "key", "create", "grafana", "--role", "reader", "--building", "default",
                          "--expires-in", "1d"))
    read = lambda: secured.client(key=made["key"]).get("/v1/rooms").status
    assert read() == 200
    listed = [json.loads(line) for line in run(secured, "key", "list").splitlines()]
    assert [key["name"] for key in listed] == ["grafana"] and made["key"] not in json.dumps(listed)
    run(secured, "key", "revoke", made["id"])
    assert read() == 401


def test_lists_go_on_over_pages(secured):
    for n in range(120):
        run_key = SensorKey()
        register(secured.client(key=KEY), f"page-{n:03}", run_key)
    names = [json.loads(line)["sensor"] for line in run(secured, "sensor", "list").splitlines()]
    assert [name for name in names if name.startswith("page-")] == [f"page-{n:03}" for n in range(120)]


def test_another_audience():
    flags = ["--audience", "https://temperatures.example"]
    with Service(flags=flags, environment={"TEMPERATURE_ADMIN_KEY": KEY}) as service:
        key = SensorKey()
        register(service.start().client(key=KEY), "s1", key)
        assert accepts(service, "s1", key.token("s1", audience="https://temperatures.example"))
        assert not accepts(service, "s1", key.token("s1"))
