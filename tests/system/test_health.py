"""`temperature-service health`: whether a service is ready, for who watches over it; a container first of all."""

import socket

import pytest

from hostile import ANSWERS, ENDLESS, Hostile
from service import Service
from test_command_line import run, url_of
from test_tls import make_certificate, start

pytestmark = pytest.mark.one_at_a_time


def free_port():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


@pytest.fixture(scope="module")
def secured(tmp_path_factory):
    """With TLS and keys."""
    folder = tmp_path_factory.mktemp("tls")
    make_certificate(folder)
    with start(folder) as service:
        yield service.start()


@pytest.mark.parametrize("listen", ["0.0.0.0:{}", "127.0.0.1:{}", "localhost:{}"])
def test_the_environment_of_serve_says_whom_to_ask(shared_service, listen):
    ended = run("health", environment={"TEMPERATURE_LISTEN": listen.format(shared_service.port)})
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "ready\n", "")


def test_the_address_of_the_other_commands_goes_before_it(shared_service):
    nobody = {"TEMPERATURE_LISTEN": f"0.0.0.0:{free_port()}"}
    assert run("health", environment=nobody).returncode == 1
    assert run("health", "--url", url_of(shared_service), environment=nobody).returncode == 0
    assert run("health", environment={**nobody, "TEMPERATURE_URL": url_of(shared_service)}).returncode == 0
    assert run("health", "--writes", "--url", url_of(shared_service)).returncode == 0


def test_it_needs_no_key_and_reads_none(secured):
    """A check that runs as another user than the service cannot read its keys."""
    environment = {"TEMPERATURE_LISTEN": f"0.0.0.0:{secured.port}", "TEMPERATURE_TLS_CERT": "/nowhere/cert.pem",
                   "TEMPERATURE_KEY": "one", "TEMPERATURE_KEY_FILE": "/nowhere/admin.key"}
    ended = run("health", environment=environment)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "ready\n", "")


def test_an_address_that_is_given_has_to_show_its_certificate(secured):
    url = f"https://127.0.0.1:{secured.port}"
    refused = run("health", "--url", url)
    assert refused.returncode == 1 and "certificate" in refused.stderr, refused.stderr
    assert run("health", "--url", url, "--ca-file", secured.folder / "cert.pem").returncode == 0
    plain = run("health", "--url", f"http://127.0.0.1:{secured.port}")
    assert plain.returncode == 1 and "speaks TLS" in plain.stderr, plain.stderr


def test_who_does_not_answer_is_not_healthy():
    refused = run("health", "--url", f"http://127.0.0.1:{free_port()}")
    assert refused.returncode == 1 and refused.stdout == "" and "cannot ask http://127.0.0.1" in refused.stderr
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the connection, and nothing more
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert run("health", "--url", url, "--timeout", "1").returncode == 1


def test_what_no_service_answers_is_not_healthy():
    current = {}
    with Hostile(lambda _line: current["answer"]()) as server:
        for name, answer in {**{name: lambda text=text: text for name, text in ANSWERS.items()}, **ENDLESS}.items():
            current["answer"] = answer
            ended = run("health", "--url", server.url)
            assert ended.returncode == 1 and ended.stdout == "", (name, ended)
            assert len(ended.stderr.splitlines()) == 1 and len(ended.stderr) < 3_000, (name, ended.stderr)


@pytest.mark.parametrize("listen,said", [("0.0.0.0:0", "at which port"), ("everywhere", "ADDRESS:PORT")])
def test_an_environment_that_names_no_port_is_a_usage_error(listen, said):
    ended = run("health", environment={"TEMPERATURE_LISTEN": listen})
    assert ended.returncode == 2 and said in ended.stderr and ended.stdout == ""


@pytest.mark.parametrize("published", ["1", "0"])
def test_dev_on_every_address_is_for_the_image_alone(published):
    """Whoever exported the variable on a machine would open the service to its network."""
    with Service(listen="0.0.0.0:0", environment={"TEMPERATURE_DEV_PUBLISHED": published}) as service:
        status, said = service.run_to_end()
        assert status == 2 and "so it may listen on loopback only, not on 0.0.0.0" in said
        assert ("for the image of temperature-service alone" in said) == (published == "1")
        assert "means nothing here" not in said
