#!/usr/bin/env python3
"""Measures how soon a revocation reaches what a capability has under way, on this machine.

usage: bench/revocation.py [--rounds 200] [--bin DIR] [--write docs/resilience.md]

In each round a capability holds an open handle and a stream (fs.watch), and in every second one a call under way that takes a whole processor (fs.hash of a
sparse terabyte), each on a connection of its own. It is revoked, and what is timed is when the answer to the revoker, the stream's last frame and the call's denial arrive, and when the file's descriptor is
gone from fs. With --write the section "Revocation" of the page is replaced by what was measured.
"""
import argparse
import contextlib
import json
import os
import selectors
import socket
import statistics
import struct
import sys
import time

from targets import Node, read_exactly, write

LIMIT_MS = 50
GIVE_UP_S = 60
# How often the descriptors of fs are looked at: often enough to tell, and so seldom that looking does not keep a processor from what is measured.
LOOK_S = 0.002


class Caller:
    """One connection to a service."""

    def __init__(self, node, service):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(GIVE_UP_S)
        self.socket.connect(os.path.join(node.runtime, service + ".sock"))

    def send(self, method, params, token=None, more=False):
        body = {"v": 1, "req_id": "1", "method": method, "params": params}
        if token:
            body["auth"] = {"token": token}
        if more:
            body["more"] = True
        text = json.dumps(body).encode()
        self.socket.sendall(struct.pack(">I", len(text)) + text)

    def receive(self):
        (length,) = struct.unpack(">I", read_exactly(self.socket, 4))
        return json.loads(read_exactly(self.socket, length))

    def call(self, method, params, token=None):
        self.send(method, params, token)
        answer = self.receive()
        if not answer["ok"]:
            sys.exit(f"{method} answered {answer['error']}")
        return answer["result"]


def has_open(pid, path):
    folder = f"/proc/{pid}/fd"
    for descriptor in os.listdir(folder):
        with contextlib.suppress(OSError):
            if os.readlink(f"{folder}/{descriptor}") == path:
                return True
    return False


def wait_for(what):
    begun = time.monotonic()
    while not what():
        if time.monotonic() - begun > GIVE_UP_S:
            sys.exit("what a round needs did not come about")
        time.sleep(0.001)


def one_round(node, fs_pid, folder, number, with_call):
    """Milliseconds from the sending of the revocation to each event."""
    held, sparse = os.path.join(folder, f"held-{number}"), os.path.join(folder, "sparse")
    with open(held, "w", encoding="ascii") as file:
        file.write("x")
    identity, opener, watcher, hasher = Caller(node, "identity"), Caller(node, "fs"), Caller(node, "fs"), Caller(node, "fs")
    grant = {"service": "fs", "rights": ["fs.open", "fs.watch", "fs.hash"], "path_prefix": folder, "subject": "bench"}
    issued = identity.call("identity.issue", grant)
    token = issued["token"]
    opener.call("fs.open", {"path": f"held-{number}"}, token)
    watcher.send("fs.watch", {"path": "."}, token, more=True)
    watcher.receive()
    expected = [(identity, "answer"), (watcher, "stream")]
    if with_call:
        hasher.send("fs.hash", {"path": "sparse"}, token)
        expected.append((hasher, "call"))
    wait_for(lambda: has_open(fs_pid, held) and (not with_call or has_open(fs_pid, sparse)))

    waiting = selectors.DefaultSelector()
    for caller, name in expected:
        waiting.register(caller.socket, selectors.EVENT_READ, (caller, name))
    took, last_look = {}, 0.0
    identity.send("identity.revoke", {"cap_id": issued["cap_id"]})
    begun = time.monotonic()
    while len(took) < len(expected) + 1:
        for key, _ in waiting.select(LOOK_S):
            caller, name = key.data
            frame = caller.receive()
            if name == "answer" and frame["ok"] and "pending" not in frame["result"] or name != "answer" and not frame["ok"]:
                took[name] = (time.monotonic() - begun) * 1000
                waiting.unregister(key.fileobj)
            elif name == "answer" or not frame.get("continues"):
                sys.exit(f"{name}: {frame}")
        if "handle" not in took and time.monotonic() - last_look >= LOOK_S:
            if not has_open(fs_pid, held):
                took["handle"] = (time.monotonic() - begun) * 1000
            last_look = time.monotonic()
        if time.monotonic() - begun > GIVE_UP_S:
            sys.exit(f"after {GIVE_UP_S} s only {sorted(took)} had ended")
    for caller in (identity, opener, watcher, hasher):
        caller.socket.close()
    os.unlink(held)
    return took


def measure(programs, rounds):
    node = Node(programs)
    try:
        node.start()
        folder = os.path.join(node.folder, "data")
        os.mkdir(folder)
        with open(os.path.join(folder, "sparse"), "wb") as file:
            file.truncate(1 << 40)
        fs_pid = next(s["pid"] for s in node.services() if s["name"] == "fs")
        # The runtime compiles what is hot while it runs: measured is the state it settles in.
        for number in range(10):
            one_round(node, fs_pid, folder, number, True)
        times = [one_round(node, fs_pid, folder, number, number % 2 == 1) for number in range(2 * rounds)]
        return times[::2], times[1::2]
    finally:
        node.stop()


def row(what, times):
    values = sorted(times)
    p99 = values[(len(values) - 1) * 99 // 100]
    verdict = "met" if values[-1] <= LIMIT_MS else "met by 99 of 100" if p99 <= LIMIT_MS else "**missed**"
    return f"| {what} | {statistics.median(values):.1f} ms | {p99:.1f} ms | {values[-1]:.1f} ms | {LIMIT_MS} ms | {verdict} |"


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--bin", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bin"))
    parser.add_argument("--write")
    options = parser.parse_args()
    alone, beside = measure(os.path.abspath(options.bin), options.rounds)
    lines = [f"| from the sending of the revocation to ({options.rounds} rounds each) | median | p99 | longest | limit | |", "|---|---|---|---|---|---|"]
    events = (("handle", "the handle's descriptor closed in fs"), ("stream", "the stream's last frame"), ("call", "the denial of a call under way"), ("answer", "the revoker's answer"))
    for times, when in ((alone, ""), (beside, ", beside a call that takes a processor")):
        for name, what in events:
            if name in times[0]:
                lines.append(row(what + when, [t[name] for t in times]))
    section = "\n".join(lines) + f"\n\nOn {os.cpu_count()} processors."
    print(section)
    if options.write:
        write(options.write, section, "revocation")


if __name__ == "__main__":
    main()
