"""Names that have one hash by the standard library's own hash of texts (MurmurHash64A with a fixed seed)."""

import random
import struct

WORD = (1 << 64) - 1
FACTOR = 0xc6a4a7935bd1e995
BACK = pow(FACTOR, -1, 1 << 64)
SEED = 0xc70f6907
STATE = 0x123456789abcdef1  # behind the last word; any other does
LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
NOT_IN_LINES = set(b" ,=\"\\#\r\n\t\0")


def shift_mix(word):  # its own inverse
    return word ^ (word >> 47)


def with_word(state, word):
    return ((state ^ (shift_mix(word * FACTOR & WORD) * FACTOR & WORD)) * FACTOR) & WORD


def colliding_names(count, prefix):
    """`prefix`, of a multiple of 8 bytes, and 16 bytes more, none of which means anything in line protocol. The last 8
    take the state of the hash back to one that is the same for all; they may be any bytes, not UTF-8 alone."""
    assert len(prefix) % 8 == 0
    before = SEED ^ ((len(prefix) + 16) * FACTOR & WORD)
    for at in range(0, len(prefix), 8):
        before = with_word(before, struct.unpack_from("<Q", prefix, at)[0])
    draw = random.Random(17)
    wanted = STATE * BACK & WORD
    names = []
    while len(names) < count:
        first = bytes(draw.choices(LETTERS, k=8))
        state = with_word(before, struct.unpack("<Q", first)[0])
        second = struct.pack("<Q", shift_mix((state ^ wanted) * BACK & WORD) * BACK & WORD)
        if NOT_IN_LINES.isdisjoint(second):
            names.append(prefix + first + second)
    return names
