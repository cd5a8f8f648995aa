#!/usr/bin/env python3
"""Repeats a pcap file of Ethernet/IPv4 packets until it has a given size.

Each round gets addresses and times of its own, so that every round's connections are new ones:
the first octet of both addresses changes (10.x becomes 11.x, 12.x ...) and time goes on.
Checksums are left wrong, as offload leaves them. Usage: repeat.py IN.pcap OUT.pcap MEGABYTES
"""

import struct
import sys


def main() -> None:
    source, target, megabytes = sys.argv[1], sys.argv[2], int(sys.argv[3])
    data = open(source, "rb").read()
    packets, at = [], 24
    while at + 16 <= len(data):
        seconds, fraction, length, original = struct.unpack_from("<IIII", data, at)
        packets.append((seconds, fraction, original, data[at + 16 : at + 16 + length]))
        at += 16 + length
    span = packets[-1][0] - packets[0][0] + 2
    written, round_ = 24, 0
    with open(target, "wb") as out:
        out.write(data[:24])
        while written < megabytes * 1_000_000:
            for seconds, fraction, original, frame in packets:
                if frame[12:14] == b"\x08\x00":
                    frame = bytearray(frame)
                    frame[26] = (frame[26] + round_) % 224
                    frame[30] = (frame[30] + round_) % 224
                out.write(struct.pack("<IIII", seconds + span * round_, fraction, len(frame), original))
                out.write(frame)
                written += 16 + len(frame)
            round_ += 1
    print(f"{target}: {round_} rounds, {written} bytes")


main()
