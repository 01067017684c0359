#!/usr/bin/env python3
"""delay.py NEAR FAR ONE_WAY_MS: join two network namespaces (files such as /proc/PID/ns/net) by a tun device in each, and
let every packet through ONE_WAY_MS after it came, either way. For kernels without sch_netem.

Says "ready" when the devices are there. A line on standard input asks for what went through since the last one: bytes, and
turns, which are the times that the near side spoke after the far one had (a connection's beginning is one). Ends with its
standard input."""
import ctypes
import fcntl
import heapq
import json
import os
import select
import struct
import sys
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x1, 0x1000
TCP, SYN = 6, 2

libc = ctypes.CDLL(None, use_errno=True)


def device_in(namespace):
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(namespace, os.O_RDONLY)
    if libc.setns(there, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns " + namespace)
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", b"way", IFF_TUN | IFF_NO_PI))
    libc.setns(home, CLONE_NEWNET)
    os.close(home)
    os.close(there)
    return device


near, far = device_in(sys.argv[1]), device_in(sys.argv[2])
delay = float(sys.argv[3]) / 1000
other = {near: far, far: near}
on_the_way, number = [], 0
counted = {"bytes": 0, "turns": 0}
last_speaker = {}


def count(device, packet):
    counted["bytes"] += len(packet)
    if packet[0] >> 4 != 4 or packet[9] != TCP:
        return
    head = (packet[0] & 15) * 4
    begins = packet[head + 13] & SYN
    if not begins and len(packet) <= head + (packet[head + 12] >> 4) * 4:
        return  # it only says that something came
    ends = packet[12:20] + packet[head:head + 4] if device == near else packet[16:20] + packet[12:16] + packet[head + 2:head + 4] + packet[head:head + 2]
    if device == near and last_speaker.get(ends) != near:
        counted["turns"] += 1
    last_speaker[ends] = device


print("ready", flush=True)
while True:
    now = time.monotonic()
    while on_the_way and on_the_way[0][0] <= now:
        _, _, device, packet = heapq.heappop(on_the_way)
        try:
            os.write(device, packet)
        except OSError:
            pass  # a full device drops packets, as wires do: TCP sends them again
    wait = max(0.0, on_the_way[0][0] - time.monotonic()) if on_the_way else None
    for ready in select.select([near, far, 0], [], [], wait)[0]:
        if ready == 0:
            if not os.read(0, 4096):
                sys.exit()
            print(json.dumps(counted), flush=True)
            counted = {"bytes": 0, "turns": 0}
            continue
        for _ in range(64):
            try:
                packet = os.read(ready, 65536)
            except OSError:
                break
            count(ready, packet)
            number += 1
            heapq.heappush(on_the_way, (time.monotonic() + delay, number, other[ready], packet))
