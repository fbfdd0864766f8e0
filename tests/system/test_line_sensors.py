"""Which sensor a line of line protocol is of, with lines as their senders write them: no two sensors become one, and
what one field says badly costs no other."""

import subprocess

import pytest

from credentials import SensorKey, register
from service import BINARY, Service, average, now_ms

pytestmark = pytest.mark.one_at_a_time

KEY = "a-key-of-the-operator-0123456789"


def write(client, body, version=1, **query):
    path = "/write" if version == 1 else "/api/v2/write"
    return client.request("POST", path, body, {"Content-Type": "text/plain"}, precision="ms", **query)


def sensors_of(client, room, quantity="temperature"):
    page = client.get("/v1/readings", room=room, quantity=quantity, **{"from": 946684800000}, limit=1000).json()
    return {reading["sensor"]: reading["value"] for reading in page["readings"]}


# (what sends, the lines, the sensors that its lines are of: name -> the value of the quantity)
SENDERS = {
    "telegraf-sensors": (
        "sensors,chip=coretemp-isa-0000,feature=core_0,host=pi,room={room} temp_input=41 {t}\n"
        "sensors,chip=coretemp-isa-0000,feature=core_1,host=pi,room={room} temp_input=42 {t}\n"
        "sensors,chip=nvme-pci-0100,feature=composite,host=pi,room={room} temp_input=43 {t}\n"
        "sensors,chip=nvme-pci-0100,feature=composite,host=nas,room={room} temp_input=44 {t}\n",
        "temp_input",
        {"chip=coretemp-isa-0000,feature=core_0,host=pi": 41, "chip=coretemp-isa-0000,feature=core_1,host=pi": 42,
         "chip=nvme-pci-0100,feature=composite,host=pi": 43, "chip=nvme-pci-0100,feature=composite,host=nas": 44}),
    "telegraf-temp": (
        "temp,host=pi,sensor=coretemp_core_0,room={room} load=41 {t}\n"
        "temp,host=pi,sensor=coretemp_core_1,room={room} load=42 {t}\n",
        "load", {"coretemp_core_0": 41, "coretemp_core_1": 42}),
    "telegraf-mqtt": (
        "mqtt_consumer,host=pi,topic=home/kitchen/s1,room={room} temperature=21 {t}\n"
        "mqtt_consumer,host=pi,topic=home/kitchen/s2,room={room} temperature=22 {t}\n"
        "mqtt_consumer,host=pi,topic=home/kitchen/s3/state,device=s3,room={room} temperature=23 {t}\n",
        "temperature",
        {"host=pi,topic=home/kitchen/s1": 21, "host=pi,topic=home/kitchen/s2": 22, "s3": 23}),
    "tasmota": (
        "environment,device=X,sensor=ds18b20,id=01191ED79190,room={room} temperature=21 {t}\n"
        "environment,device=X,sensor=ds18b20,id=0119233D7890,room={room} temperature=22 {t}\n"
        "environment,device=Y,sensor=ds18b20,id=01191ED79190,room={room} temperature=23 {t}\n",
        "temperature",
        {"device=X,id=01191ED79190,sensor=ds18b20": 21, "device=X,id=0119233D7890,sensor=ds18b20": 22,
         "device=Y,id=01191ED79190,sensor=ds18b20": 23}),
    "zigbee2mqtt": (
        "zigbee,device=0x00158d0001a2b3c4,friendly_name=Hall,linkquality=120,room={room} temperature=21 {t}\n"
        "zigbee,device=0x00158d0001a2b3c5,friendly_name=Hall,linkquality=90,room={room} temperature=22 {t}\n",
        "temperature", {"0x00158d0001a2b3c4": 21, "0x00158d0001a2b3c5": 22}),
    "esphome": (
        "environment,device=esp-hall,version=2024.1,ip=10.0.0.7,rssi=-61,room={room} temperature=21 {t}\n"
        "environment,device=esp-bath,version=2024.2,ip=10.0.0.8,rssi=-70,room={room} temperature=22 {t}\n",
        "temperature", {"esp-hall": 21, "esp-bath": 22}),
    "openhab": (
        "Hall_Temperature,item=Hall_Temperature,room={room} value=21 {t}\n",
        "Hall_Temperature", {"item=Hall_Temperature": 21}),
    "home-assistant": (
        "°C,domain=sensor,entity_id=hall,area={room},source=HA value=21,battery=80,icon_str=\"mdi:home\" {t}\n"
        "°C,domain=sensor,entity_id=bath,area={room},source=HA value=22 {t}\n",
        "temperature", {"hall": 21, "bath": 22}),
}


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("sender", list(SENDERS))
def test_each_sensor_is_its_own(client, sender, version):
    lines, quantity, wanted = SENDERS[sender]
    room = f"{sender}-{version}"
    body = lines.format(room=room, t=now_ms())
    answer = write(client, body, version)
    assert answer.status == 204, answer.text
    assert sensors_of(client, room, quantity) == wanted
    assert write(client, body, version).status == 204  # again: repeats, no conflicts
    assert sensors_of(client, room, quantity) == wanted


def test_what_changes_does_not_make_another_sensor(client):
    stamp = now_ms()
    for turn, tags in enumerate(("firmware=1.0,ip=10.0.0.1,rssi=-60", "firmware=1.1,ip=10.0.0.9,rssi=-71,SSID=x",
                                 "status=ok,topic=tele/a/SENSOR,host=pi")):
        body = f"temperature,room=updates,device=d,{tags} value={20 + turn} {stamp - turn}\n"
        assert write(client, body).status == 204
    found = client.get("/v1/sensors", room="updates").json()["sensors"]
    assert [each["sensor"] for each in found] == ["d"]


def test_senders_without_rooms_and_tags_get_them_from_the_map(tmp_path):
    devices = tmp_path / "devices.csv"
    devices.write_text("device,room,quantity\n"
                       "hm-rpc.0.NEQ1.1.TEMPERATURE,hall,temperature\n"
                       "84:F3:EB:12:34:56,lab,\n"
                       "zigbee2mqtt/Bath,bath,\n"
                       "Attic_Temperature,attic,temperature\n")
    with Service(flags=["--dev", "--device-map", str(devices)]) as service:
        client, stamp = service.start().client(), now_ms()
        body = (f'hm-rpc.0.NEQ1.1.TEMPERATURE value=21,from="system.adapter.hm-rpc.0",ack=true {stamp}\n'
                f"env,device=x,mac=84f3eb123456 temperature=22 {stamp}\n"
                f"mqtt_consumer,host=pi,topic=zigbee2mqtt/Bath temperature=23 {stamp}\n"
                f"Attic_Temperature,item=Attic_Temperature value=24 {stamp}\n")
        answer = write(client, body)
        assert answer.status == 204, answer.text
        assert sensors_of(client, "hall") == {"hm-rpc.0.NEQ1.1.TEMPERATURE": 21}
        assert sensors_of(client, "lab") == {"device=x,mac=84f3eb123456": 22}
        assert sensors_of(client, "bath") == {"host=pi,topic=zigbee2mqtt/Bath": 23}
        assert sensors_of(client, "attic") == {"item=Attic_Temperature": 24}
        answer = write(client, "env,a=zigbee2mqtt/Bath,b=Attic_Temperature temperature=20\n")
        assert answer.status == 400 and "a and b name two devices" in answer.json()["error"]


def test_the_longest_name_is_kept_everywhere(tmp_path):
    with Service() as service:
        client, stamp = service.start().client(), now_ms()
        name = "device=d,id=" + "x" * 500
        assert len(name) == 512
        line = "temperature,room=long,device=d,id=" + "x" * 500
        assert write(client, "".join(f"{line} value={i} {stamp - i}\n" for i in range(5))).status == 204
        answer = write(client, f"{line}x value=1 {stamp}\n")
        assert answer.status == 400 and "at most 512" in answer.json()["error"]

        def look(at):
            assert average(at, "long", sensor=name)["count"] == 5
            assert [each["sensor"] for each in at.get("/v1/sensors", room="long").json()["sensors"]] == [name]
            cursor, values = {}, []
            while True:
                page = at.get("/v1/readings", room="long", **{"from": stamp - 100}, limit=2, **cursor).json()
                values += [each["value"] for each in page["readings"]]
                if page["next"] is None:
                    break
                cursor = {"cursor": page["next"]}
            assert sorted(values) == [0, 1, 2, 3, 4]

        look(client)
        service.restart(kill=True)
        look(service.client())
        exported = tmp_path / "out.csv"
        subprocess.run([BINARY, "export", "--url", f"http://127.0.0.1:{service.port}", "--room", "long",
                        "-o", str(exported)], check=True, timeout=60, capture_output=True)
        assert name in exported.read_text()
        with Service() as other:
            other.start()
            subprocess.run([BINARY, "import", "--url", f"http://127.0.0.1:{other.port}", str(exported)], check=True,
                           timeout=60, capture_output=True)
            look(other.client())
        # And written back under its name, as one tag, it is the same sensor.
        escaped = name.replace(",", "\\,").replace("=", "\\=")
        assert write(service.client(), f"temperature,room=long,sensor={escaped} value=9 {stamp + 1}\n").status == 204
        assert average(service.client(), "long", sensor=name)["count"] == 6


def test_under_a_sensors_token_the_tag_that_is_its_id_is_the_sensor():
    with Service(flags=[], environment={"TEMPERATURE_ADMIN_KEY": KEY}) as service:
        service.start()
        admin = service.client(key=KEY)
        for name in ("84:f3:eb:12:34:56", "ds18b20"):
            key = SensorKey()
            register(admin, name, key)
            client = service.client(key=key.token(name))
            body = f"temperature,room={name[:2]},device=X,sensor=ds18b20,mac=84:f3:eb:12:34:56 value=21\n"
            for _ in range(3):
                assert write(client, body).status == 204
                # In between, who is nobody in particular: the same bytes, another name.
                assert write(admin, body).status == 204
            assert set(sensors_of(admin, name[:2])) == {
                name, "device=X,mac=84:f3:eb:12:34:56,sensor=ds18b20"}
            assert write(client, "temperature,room=r,device=X value=1\n").status == 400  # as InfluxDB 1 refuses lines


@pytest.mark.parametrize("bad", ["nan", "NaN", "-inf", "+Inf", "1e999", "9223372036854775808i", "null"])
@pytest.mark.parametrize("version", [1, 2])
def test_a_bad_number_costs_itself_alone(client, bad, version):
    room = f"bad-{bad}-{version}"
    answer = write(client, f"air,room={room},sensor=s temperature=21.5,humidity={bad},co2=600\n", version)
    assert answer.status == (400 if version == 1 else 422)
    assert "humidity" in answer.text.decode() and bad in answer.text.decode()
    assert average(client, room)["value"] == 21.5
    assert average(client, room, quantity="co2")["value"] == 600
    assert average(client, room, quantity="humidity")["count"] == 0


def test_numbers_in_quotes(client):
    body = ('temperature,room=quoted,sensor=a value="21.5"\n'
            'env,room=quoted,sensor=b temperature="22.5",humidity=" 40 ",version="1.2",state="7"\n'
            'env,room=quoted,sensor=c temperature="unavailable",value="ON",humidity=41\n')
    assert write(client, body).status == 204
    assert sensors_of(client, "quoted") == {"a": 21.5, "b": 22.5}
    assert sensors_of(client, "quoted", "humidity") == {"b": 40, "c": 41}
    assert sensors_of(client, "quoted", "version") == sensors_of(client, "quoted", "state") == {}


def test_many_names_of_one_sensor_are_told_once():
    with Service() as service:
        client = service.start().client()
        for turn in range(3):
            body = "".join(f"temperature,room=many,device=d,pid={turn * 200 + i} value=20\n" for i in range(200))
            assert write(client, body).status == 204
        service.stop()
        told = [line for line in service.output().splitlines() if "--line-sensor-tags" in line]
        assert len(told) == 1 and "device" in told[0] and "pid" in told[0], told


def test_given_tags_alone_name_the_sensor():
    with Service(flags=["--dev", "--line-sensor-tags", "probe,host"]) as service:
        client = service.start().client()
        body = ("temperature,room=given,probe=p,pid=1 value=20\ntemperature,room=given,probe=p,host=h,pid=1 value=21\n")
        assert write(client, body).status == 204
        assert sensors_of(client, "given") == {"p": 20, "host=h,probe=p": 21}
        answer = write(client, "temperature,room=given,device=d value=20\n")
        assert answer.status == 400 and "no tag names the sensor" in answer.json()["error"]


def explain(*arguments):
    ended = subprocess.run([BINARY, "explain-line", *arguments], capture_output=True, text=True, timeout=60)
    return ended.returncode, ended.stdout


def test_explain_line_says_which_rule():
    status, said = explain("t,room=r,device=X,id=3,version=1 value=1")
    assert status == 0
    for part in ("device=X,id=3 (tags device, id)", "all tags that identify", "unused    version=1"):
        assert part in said, said
    status, said = explain("t,room=r,device=X,id=3,version=1 value=1", "--reading-rules", "former")
    assert status == 0 and "X (tag device)" in said and "unused    id=3, version=1" in said, said
    assert explain("t,room=r,device=X value=1", "--reading-rules", "other")[0] == 2
    assert "one tag alone" in explain("t,room=r,device=X value=1")[1]
    assert "Home Assistant" in explain("°C,domain=sensor,entity_id=e,area=r value=1")[1]
    assert "--line-sensor-tags" in explain("t,room=r,a=1,device=X value=1", "--line-sensor-tags", "a")[1]
    said = explain('t,room=r,device=X temperature=nan,value="21.5",state="on"')[1]
    assert "temperature: refused alone" in said and "value: t = 21.5" in said and "state: passed over" in said


def test_explain_line_compares_the_rules(tmp_path):
    file = tmp_path / "lines.txt"
    file.write_text("environment,device=X,sensor=ds18b20,id=A,room=r temperature=21 1\n"
                    "environment,device=X,sensor=ds18b20,id=B,room=r temperature=22 1\n"
                    "environment,device=X,sensor=ds18b20,id=B,room=r temperature=23 2\n"
                    "t,sensor=s,room=r value=1\n"
                    "broken\n")
    status, said = explain("--compare", str(file))
    assert status == 1
    assert "default/r/ds18b20 temperature -> default/r/device=X,id=A,sensor=ds18b20 temperature" in said
    assert "default/r/ds18b20 temperature -> default/r/device=X,id=B,sensor=ds18b20 temperature" in said
    assert "default/r/ds18b20 temperature under the former rules is 2 series" in said
    assert "2 of 3 series would have another name" in said and "1 lines cannot be read" in said
    file.write_text("t,sensor=s,room=r value=1\n")
    status, said = explain("--compare", str(file))
    assert status == 0 and "0 of 1 series" in said
    assert explain("--compare", str(tmp_path / "none"))[0] == 2
    assert explain()[0] == 2
