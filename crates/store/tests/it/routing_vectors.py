#!/usr/bin/env python3
"""Vectors for the router, from the reference XXH64 in C (PyPI `xxhash`), seed 42, as Spark SQL has it.

    pip install xxhash==4.1.0 && python3 routing_vectors.py > routing_vectors.tsv

Columns: kind (id or sequence), value (JSON), hash as signed 64-bit integer, pmod 64, pmod 200.
"""
import json
import random

import xxhash

random.seed(7)
IDS = ["", "a", "NA", "user_id", "hotshard@mixpanel.com", "0", "名前", "é", "👩‍🚀", "\u0000", "x" * 31, "x" * 32,
       "x" * 33, "$device:18d3", "36a92782-cd7d-41a0-93af-8c23ec6c4191"]
IDS += ["".join(random.choices("abcdefghijklmnopqrstuvwxyz0123456789-@.äß漢", k=random.randint(1, 70))) for _ in range(300)]
SEQUENCES = [0, 1, 2, 63, 64, 255, 2**31, 2**32, 2**63 - 1] + [random.getrandbits(random.randint(1, 62)) for _ in range(200)]


def row(kind, value, data):
    signed = xxhash.xxh64_intdigest(data, seed=42)
    signed -= (signed >> 63) << 64
    print(kind, json.dumps(value), signed, signed % 64, signed % 200, sep="\t")


for text in IDS:
    row("id", text, text.encode())
for number in SEQUENCES:
    row("sequence", number, number.to_bytes(8, "little"))
