"""Files that flags name: what is no regular file is refused at once, and swallows no signal."""

import os

import pytest

from service import Service

FLAGS = ["--device-map", "--admin-key-file", "--tls-cert", "--config"]


@pytest.fixture(scope="module")
def fifo(tmp_path_factory):
    path = tmp_path_factory.mktemp("named") / "fifo"
    os.mkfifo(path)
    return path


@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize("what", ["fifo", "/dev/zero", "/"])
def test_what_is_no_regular_file_is_refused_at_once(flag, what, fifo, tmp_path):
    name = str(fifo) if what == "fifo" else what
    flags = [flag, name] + (["--tls-key", name] if flag == "--tls-cert" else [])
    with Service(tmp_path / "data", flags=flags) as service:
        status, said = service.run_to_end(timeout=20)
        assert status == 1 and name in said, said


def test_a_device_map_that_became_a_fifo_stops_nothing(tmp_path):
    device_map = tmp_path / "map.csv"
    device_map.write_text("device,room\nd,r\n")
    with Service(tmp_path / "data", flags=["--dev", "--device-map", str(device_map)]) as service:
        client = service.start().client()
        device_map.unlink()
        os.mkfifo(device_map)
        service.process.send_signal(1)  # SIGHUP
        assert client.post("/write", "temperature,device=d value=1").status == 204
        assert service.stop() == 0
        assert "the device map was not read again; the old one stays in use" in service.output()
