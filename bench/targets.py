#!/usr/bin/env python3
"""Measures a node against the targets of docs/resilience.md, on this machine, in about a minute.

usage: bench/targets.py [--quick] [--bin DIR] [--write docs/resilience.md]

Cold start of the core services, 100 trivial services started in dependency order, what wakes an idle supervisor, and how
soon a hung service is noticed. With --write the section "Targets" of the page is replaced by what was measured.
"""
import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

GIVE_UP_S = 60
CHAINS, LINKS, LEAVES = 5, 10, 49
IDLE_S = 10

# It looks every 10 s whether somebody has asked the runtime for a dump of its heap, and cannot be told not to.
OF_THE_RUNTIME = {".NET Finalizer"}


def read_exactly(channel, count):
    data = b""
    while len(data) < count:
        piece = channel.recv(count - len(data))
        if not piece:
            raise OSError("the connection ended")
        data += piece
    return data


def send(channel, method, params, more=False):
    body = json.dumps({"v": 1, "req_id": "1", "method": method, "params": params, **({"more": True} if more else {})}).encode()
    channel.sendall(struct.pack(">I", len(body)) + body)


def receive(channel):
    (length,) = struct.unpack(">I", read_exactly(channel, 4))
    answer = json.loads(read_exactly(channel, length))
    if not answer["ok"]:
        raise RuntimeError(f"the node answered {answer['error']}")
    return answer["result"]


class Node:
    """A supervisor in a private directory."""

    def __init__(self, programs, manifests=()):
        self.folder = tempfile.mkdtemp(prefix="strata-")
        self.programs = programs
        os.chmod(self.folder, 0o700)
        self.runtime = os.path.join(self.folder, "run")
        services = os.path.join(self.folder, "services.d")
        os.mkdir(self.runtime, 0o700)
        os.mkdir(services, 0o700)
        for manifest in manifests:
            with open(os.path.join(services, manifest["name"] + ".service.json"), "w", encoding="utf-8") as file:
                json.dump(manifest, file)
        self.process = None
        self.channel = None

    def start(self):
        """Starts it; milliseconds until every service is up."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("STRATA_")}
        environment.update(STRATA_RUNTIME_DIR=self.runtime, STRATA_CONFIG_DIR=self.folder, STRATA_STALENESS_MS="60000", STRATA_JOURNAL="off")
        with open(os.path.join(self.folder, "log"), "wb") as log:
            begun = time.monotonic()
            self.process = subprocess.Popen([os.path.join(self.programs, "supervisor")], env=environment, stdout=log, stderr=log, cwd="/")
        while time.monotonic() - begun < GIVE_UP_S:
            with contextlib.suppress(OSError):
                if all(s["state"] in ("Healthy", "Completed") for s in self.services()):
                    return (time.monotonic() - begun) * 1000
            if self.process.poll() is not None:
                break
            time.sleep(0.001)
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as log:
            sys.exit(f"the node did not come up:\n{log.read()[-2000:]}")

    def connect(self):
        channel = socket.socket(socket.AF_UNIX)
        channel.settimeout(GIVE_UP_S)
        channel.connect(os.path.join(self.runtime, "supervisor.sock"))
        return channel

    def services(self):
        try:
            self.channel = self.channel or self.connect()
            send(self.channel, "supervisor.svc.list", {})
            return receive(self.channel)["services"]
        except OSError:
            self.channel = None
            raise

    def events(self):
        """Every event that is kept."""
        with self.connect() as channel:
            send(channel, "supervisor.events", {"from_seq": 0, "mark": True}, more=True)
            while (item := receive(channel))["event"] != "caught_up":
                yield item

    def pss_mb(self):
        with open(f"/proc/{self.process.pid}/smaps_rollup", encoding="ascii") as file:
            return int(re.search(r"^Pss:\s+(\d+)", file.read(), re.M).group(1)) * 1024 / 1e6

    def wakes(self):
        """Voluntary context switches so far, by thread and name: each is a wait that ended."""
        found = {}
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            with contextlib.suppress(OSError), open(f"/proc/{self.process.pid}/task/{thread}/status", encoding="utf-8") as file:
                text = file.read()
                found[thread] = (re.search(r"^Name:\s+(.*)", text).group(1), int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", text, re.M).group(1)))
        return found

    def stop(self):
        if self.channel:
            self.channel.close()
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(GIVE_UP_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def node_of(programs, manifests=()):
    node = Node(programs, manifests)
    try:
        yield node
    finally:
        node.stop()


def cold_start(programs, launches):
    times = []
    for _ in range(launches):
        with node_of(programs) as node:
            times.append(node.start())
    return statistics.median(times)


def hundred(trivial):
    """Five chains of ten, a root with 49 leaves and a last one that requires the chains' ends: half announce themselves, half are only there."""
    def one(name, requires, announces):
        how = {"exec": [trivial]} if announces else {"exec": ["sleep", "1000000"], "readiness": {"method": "none"}}
        return {"name": name, "requires": requires, "socket": {"name": name + ".sock"}, "stop": {"drain": "100ms"}, **how}

    for chain in range(CHAINS):
        for link in range(LINKS):
            yield one(f"chain-{chain}-{link}", [f"chain-{chain}-{link - 1}"] if link else [], link % 2 == 0)
    yield one("root", [f"chain-{chain}-{LINKS - 1}" for chain in range(CHAINS)], True)
    for leaf in range(LEAVES):
        yield one(f"leaf-{leaf}", ["root"], leaf % 2 == 0)


def out_of_order(node, manifests):
    requires = {m["name"]: m["requires"] for m in manifests}
    healthy, wrong = set(), []
    for event in node.events():
        if event["event"] == "svc.start" and event.get("pid") is None:
            continue
        if event.get("state") == "Healthy":
            wrong += [event["service"]] if any(r not in healthy for r in requires.get(event["service"], [])) else []
            healthy.add(event["service"])
    return wrong, len(healthy & requires.keys())


def many(programs, trivial):
    manifests = list(hundred(trivial))
    with node_of(programs, manifests) as node:
        took = node.start()
        wrong, healthy = out_of_order(node, manifests)
        if wrong or healthy != len(manifests):
            sys.exit(f"{healthy} of {len(manifests)} services came up; out of order: {wrong}")
        return took, node.pss_mb()


def idle(programs, manifests, settle_s):
    """What wakes the threads of the supervisor while nothing happens: with identity's heartbeat, and while identity is held."""
    with node_of(programs, manifests) as node:
        node.start()
        identity = next(s["pid"] for s in node.services() if s["name"] == "identity")
        node.channel.close()
        node.channel = None
        time.sleep(settle_s)
        beating = woken_in(node)
        os.kill(identity, signal.SIGSTOP)
        try:
            # The runtime's own threads come to rest some seconds after the last event.
            time.sleep(12)
            return beating, woken_in(node)
        finally:
            os.kill(identity, signal.SIGCONT)


def woken_in(node):
    before = node.wakes()
    time.sleep(IDLE_S)
    woken = {}
    for thread, (name, count) in node.wakes().items():
        times = count - before.get(thread, (name, 0))[1]
        if times > 0:
            woken[name] = woken.get(name, 0) + times
    return woken


def hang(programs, trivial, interval_ms, tries):
    worst = 0
    manifest = {"name": "hangs", "exec": [trivial], "watchdog": {"interval": f"{interval_ms}ms"}, "restart": {"initial": "1ms", "max": "1ms"}, "quarantine": {"crashes": 100}}
    with node_of(programs, [manifest]) as node:
        node.start()
        for _ in range(tries):
            pid = next(s["pid"] for s in node.services() if s["name"] == "hangs")
            os.kill(pid, signal.SIGSTOP)
            begun = time.monotonic()
            while next(s for s in node.services() if s["name"] == "hangs")["pid"] == pid and time.monotonic() - begun < GIVE_UP_S:
                time.sleep(0.002)
            worst = max(worst, (time.monotonic() - begun) * 1000)
            while next(s for s in node.services() if s["name"] == "hangs")["state"] != "Healthy":
                time.sleep(0.01)
    return worst


def table(rows):
    lines = ["| target | measured | limit | |", "|---|---|---|---|"]
    return "\n".join(lines + [f"| {what} | {value:.0f} {unit} | {limit} {unit} | {'met' if value <= limit else '**missed**'} |" for what, value, limit, unit in rows])


def names_of(woken):
    return ", ".join(f"{name} {count}" for name, count in sorted(woken.items(), key=lambda w: -w[1])) or "none"


def write(page, section, name="targets"):
    with open(page, encoding="utf-8") as file:
        text = file.read()
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    head, rest = text.split(begin)
    with open(page, "w", encoding="utf-8") as file:
        file.write(head + begin + section + "\n" + end + rest.split(end)[1])


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--bin", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bin"))
    parser.add_argument("--write")
    options = parser.parse_args()
    programs = os.path.abspath(options.bin)
    with tempfile.TemporaryDirectory() as folder:
        trivial = os.path.join(folder, "trivial")
        subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", trivial, os.path.join(os.path.dirname(os.path.abspath(__file__)), "trivial.c")], check=True)
        start = cold_start(programs, 3 if options.quick else 10)
        took, pss = many(programs, trivial)
        # Services that need not show life: whatever wakes the supervisor now is its own doing.
        quiet = [{"name": name, "watchdog": {"interval": "1h"}} for name in ("registry", "identity", "fs")]
        # A minute after its last record the audit log is sealed; from then on there is nothing left to do.
        beating, woken = idle(programs, quiet, 2 if options.quick else 75)
        noticed = hang(programs, trivial, 1000, 3)
    rows = [
        ("cold start of the three core services, launch to all Healthy, median", start, 350, "ms"),
        ("100 trivial services more, in dependency order, launch to all Healthy", took, 5000, "ms"),
        ("supervisor of 103 services, PSS", pss, 60, "MB"),
        (f"wake-ups of an idle supervisor in {IDLE_S} s, but for the runtime's finalizer", sum(count for name, count in woken.items() if name not in OF_THE_RUNTIME), 0, "times"),
        ("a hung service is noticed, watchdog of 1 s, worst of 3", noticed, 2000, "ms"),
    ]
    busy = os.getloadavg()[0]
    section = f"{table(rows)}\n\nOn {os.cpu_count()} processors, with {busy:.1f} processes that wanted to run."
    section += f" Threads woken while idle: {names_of(woken)}; with identity's heartbeat, twice in {IDLE_S} s: {names_of(beating)}."
    print(section)
    if options.write:
        write(options.write, section)


if __name__ == "__main__":
    main()
