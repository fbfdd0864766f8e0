"""A deletion is whole or not at all when the process is killed in the middle of it; an acknowledged one is whole.

DELETION_ROUNDS and DELETION_READINGS say how often and of how many, by hand.
"""

import http.client
import os
import random
import threading
import time

import pytest

from service import Service

pytestmark = pytest.mark.one_at_a_time

ROUNDS = int(os.environ.get("DELETION_ROUNDS", "5"))
READINGS = int(os.environ.get("DELETION_READINGS", "12000"))
SENSORS = 8
T = 1_760_000_000_000


def fill(client, room):
    """Of several sensors, each a reading a minute."""
    rows = [dict(building="north", room=room, sensor=f"s{i % SENSORS}", timestamp=T + i * 7_500, value=i % 50)
            for i in range(READINGS)]
    for begin in range(0, len(rows), 4_000):
        part = rows[begin:begin + 4_000]
        assert client.post("/v1/readings", part).json()["accepted"] == len(part)


def count(client, room):
    answer = client.get("/v1/average", building="north", room=room, at=T + READINGS * 7_500, window="366d")
    if answer.status == 404:  # its name has left with its last reading
        return 0
    assert answer.status == 200, answer.text
    return answer.json()["count"]


def delete(service, room, told):
    """Deletes the first half of the room's time; notes the answer, if there is one."""
    client = service.client()
    query = {"building": "north", "room": room, "from": T, "to": T + READINGS * 7_500 // 2}
    try:
        answer = client.request("DELETE", "/v1/readings", **query)
        told.append(answer.json()["deleted"] if answer.status == 200 else None)
    except (OSError, http.client.HTTPException):
        pass  # it was killed
    finally:
        client.close()


def test_kill_9_in_the_middle_of_a_deletion(tmp_path):
    seed = int(os.environ.get("DELETION_SEED", "1"))
    chance = random.Random(seed)
    gone = (READINGS + 1) // 2
    with Service(data_dir=tmp_path / "data", flags=["--dev", "--flush-readings", "3000"]) as service:
        service.start()
        for number in range(ROUNDS):
            room = f"room {number}"
            client = service.client()
            fill(client, room)
            client.close()
            told = []
            deleting = threading.Thread(target=delete, args=(service, room, told))
            deleting.start()
            time.sleep(chance.random() * chance.choice([0.01, 0.1, 0.5]))
            service.restart(kill=True)
            deleting.join()
            client = service.client()
            for again in range(2):
                left = count(client, room)
                assert left in (READINGS, READINGS - gone), (seed, number, again, left)
                if told:
                    assert left == READINGS - gone and told[0] in (gone, None), (seed, number, again, told)
                client.close()
                service.restart(kill=again == 1)
                client = service.client()
            client.close()
