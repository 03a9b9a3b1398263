#!/usr/bin/env python3
"""Measures what authorization costs a call: the same method for anybody and for holders of a right, in turns; tokens never seen before; the rate limiter.

usage: bench/authorization.py [--quick] [--bin DIR] [--tsv]

bench/calls is the service. With --tsv only tab-separated figures are printed, for bench/run.sh.
"""
import argparse
import json
import os
import statistics
import struct
import subprocess
import sys
import tempfile

from revocation import Caller
from targets import Node

HERE = os.path.dirname(os.path.abspath(__file__))
BATCH = 256


def cpu_us(pid):
    """Time that the process's threads have run."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        except OSError:
            pass
    return total / 1000


def frame(method, params, token=None):
    body = {"v": 1, "req_id": "1", "method": method, "params": params}
    if token:
        body["auth"] = {"token": token}
    text = json.dumps(body).encode()
    return struct.pack(">I", len(text)) + text


def all_of(caller, frames):
    """Sends a batch at once and takes its answers."""
    answers = []
    for start in range(0, len(frames), 32):
        part = frames[start : start + 32]
        caller.socket.sendall(b"".join(part))
        answers += [caller.receive() for _ in part]
    bad = next((a for a in answers if not a["ok"]), None)
    if bad:
        sys.exit(f"the node answered {bad['error']}")
    return answers


def issue(identity, count):
    grant = {"service": "calls", "rights": ["calls.holder"], "ttl_seconds": 3600, "subject": "bench"}
    return [a["result"]["token"] for a in all_of(identity, [frame("identity.issue", grant)] * count)]


def cold(node, pid, batches):
    """CPU of a call by a token that was never seen, beyond that of the same call by the same token seen once; microseconds, median of batches."""
    identity, caller = Caller(node, "identity"), Caller(node, "calls")
    extra = []
    for number in range(batches + 4):
        frames = [frame("calls.holder", {}, token) for token in issue(identity, BATCH)]
        marks = [cpu_us(pid)]
        for _ in range(2):
            all_of(caller, frames)
            marks.append(cpu_us(pid))
        # The first batches warm up.
        if number >= 4:
            extra.append(((marks[1] - marks[0]) - (marks[2] - marks[1])) / BATCH)
    return statistics.median(extra)


def p50(load, node, plan, connections, seconds):
    output = subprocess.run(
        [load, "--connections", str(connections), "--warmup", "0.2", "--seconds", str(seconds), os.path.join(node.runtime, "calls.sock"), plan],
        check=True, capture_output=True, text=True,
    ).stdout
    return float(output.split("\t")[1])


def measure(programs, folder, rounds, seconds, batches):
    load = os.path.join(folder, "load")
    subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", load, os.path.join(HERE, "load.c")], check=True)
    service = os.path.join(folder, "calls")
    subprocess.run(["dotnet", "publish", os.path.join(HERE, "calls"), "-c", "Release", "-v", "q", "-nologo", "-o", service], check=True, stdout=subprocess.DEVNULL)
    node = Node(programs, [{"name": "calls", "exec": [os.path.join(service, "calls")], "requires": ["identity"], "socket": {"name": "calls.sock"}, "offers": ["calls.holder"]}])
    try:
        node.start()
        pid = next(s["pid"] for s in node.services() if s["name"] == "calls")
        (token,) = issue(Caller(node, "identity"), 1)
        plans = {}
        for name, auth in (("anybody", {}), ("holder", {"auth": {"token": token}})):
            plans[name] = os.path.join(folder, name)
            with open(plans[name], "w", encoding="ascii") as file:
                file.write(json.dumps({"v": 1, "req_id": "I" * 16, "method": f"calls.{name}", **auth, "params": {}}) + "\n")
        times = {}
        for number in range(rounds + 1):
            for connections in (1, 8):
                for name, plan in plans.items():
                    value = p50(load, node, plan, connections, seconds)
                    # The first round lets the runtime compile what is hot.
                    if number > 0:
                        times.setdefault((name, connections), []).append(value)
        figures = {f"{name}_{connections}": statistics.median(values) for (name, connections), values in times.items()}
        figures["cold_us"] = cold(node, pid, batches)
    finally:
        node.stop()
    one, many = subprocess.run([os.path.join(service, "calls"), "--limiter"], check=True, capture_output=True, text=True).stdout.split()
    figures["spend_one_ns"], figures["spend_many_ns"] = float(one), float(many)
    return figures


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--bin", default=os.path.join(HERE, "..", "bin"))
    parser.add_argument("--tsv", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(os.path.abspath(options.bin), folder, *((2, 0.3, 8) if options.quick else (5, 1, 40)))
    for name, value in figures.items():
        print(f"{name}\t{value:.2f}" if options.tsv else f"{name:<16} {value:9.2f}")


if __name__ == "__main__":
    main()
