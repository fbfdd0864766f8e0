"""The file KEEPING of a data folder (docs/formats/keeping.md): what it knows of the time and of its retention."""

import time

FILE = "KEEPING"
FIRST = "temperature-service keeping 1"


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def lines_of(data_dir):
    """Its lines, without the first and the last."""
    lines = (data_dir / FILE).read_text().splitlines()
    assert lines[0] == FIRST and lines[-1].startswith("end "), lines
    return lines[1:-1]


def write_lines(data_dir, lines):
    text = "".join(line + "\n" for line in [FIRST, *lines])
    (data_dir / FILE).write_text(f"{text}end {crc32c(text.encode()):08x}\n")


def know(data_dir, seconds_from_now):
    """The last time that the service knew, seen from the clock as it is."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() + seconds_from_now))
    others = [line for line in lines_of(data_dir) if not line.startswith("known ")]
    write_lines(data_dir, ["known " + moment, *others])


def end_the_wait(data_dir):
    """As if the hour had passed for which a deletion waits; False: none does."""
    lines = lines_of(data_dir)
    waits = any(line.startswith("notice left ") for line in lines)
    write_lines(data_dir, ["notice left 0" if line.startswith("notice left ") else line for line in lines])
    return waits
