#!/usr/bin/env python3
"""Kills the supervisor at random instants, again and again, under load, and counts what became of its services.

bench/adoption.py [--kills 200] [--seed 1] [--bin bin]

Needs the built programs (./build.sh) and Python's standard library. Everything happens in a directory of its own; nothing is left running.
Exit code 0 when nobody was orphaned, started twice or lost, and no client of a service noticed anything.
"""
import argparse, json, os, random, shutil, signal, socket, struct, subprocess, sys, tempfile, threading, time

LOADED = ("fs", "registry", "identity")
EXTRA = {
    # Crashes by itself all the time, so that kills meet starts, crashes and backoffs.
    "flap": {"exec": ["/bin/sh", "-c", "sleep 0.3; exit 3"], "readiness": {"method": "none"},
             "restart": {"initial": "20ms", "max": "200ms"}, "quarantine": {"crashes": 100, "window": "1s"}},
    # Restarted by an operator all the time; slow to stop.
    "slow": {"exec": ["/bin/bash", "-c", "trap 'sleep 0.05; exit 0' TERM; while :; do sleep 0.2; done"], "readiness": {"method": "none"}},
    # Announces readiness after a while: kills meet it while it starts. Prints, so that its pipes must be taken over.
    "late": {"exec": ["/bin/bash", "-c", "sleep 0.15; echo >&4; n=0; while :; do echo line $((n += 1)); sleep 0.02; done"], "readiness": {"method": "fd"}},
    "once": {"kind": "oneshot", "exec": ["/bin/sh", "-c", "echo ran >> \"$STRATA_RUNTIME_DIR/once.ran\""]},
}


def start_ticks(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            fields = f.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else (int(fields[3]), int(fields[19]))


class Run:
    def __init__(self, options):
        self.random = random.Random(options.seed)
        self.bin = os.path.abspath(options.bin)
        self.dir = tempfile.mkdtemp(prefix="adopt")
        os.chmod(self.dir, 0o755)
        self.environment = {"PATH": os.environ["PATH"], "HOME": "/", "STRATA_RUNTIME_DIR": self.dir, "STRATA_CONFIG_DIR": self.dir}
        os.mkdir(os.path.join(self.dir, "services.d"), 0o755)
        for name, manifest in EXTRA.items():
            with open(os.path.join(self.dir, "services.d", name + ".service.json"), "w") as f:
                json.dump({"name": name, **manifest}, f)
        self.counts = dict.fromkeys(("adopted", "ended_by_themselves", "orphaned", "started_twice", "held_down", "kills"), 0)
        self.kinds = {}
        self.answered = self.failed = 0
        self.stopping = False
        self.lock = threading.Lock()
        self.takeover_ms = []

    def call(self, service, method, parameters=None, timeout=20):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(timeout)
            s.connect(os.path.join(self.dir, service + ".sock"))
            return self.request(s, method, parameters)

    @staticmethod
    def request(s, method, parameters=None):
        body = json.dumps({"v": 1, "req_id": "b", "method": method, "params": parameters or {}}).encode()
        s.sendall(struct.pack(">I", len(body)) + body)
        data = b""
        while len(data) < 4 or len(data) < 4 + struct.unpack(">I", data[:4])[0]:
            chunk = s.recv(65536)
            if not chunk:
                raise ConnectionError("closed")
            data += chunk
        return json.loads(data[4:])

    def load(self, service):
        kept = None
        while not self.stopping:
            try:
                if kept is None:
                    kept = socket.socket(socket.AF_UNIX)
                    kept.settimeout(10)
                    kept.connect(os.path.join(self.dir, service + ".sock"))
                self.request(kept, service + ".ping")
                self.call(service, service + ".ping", timeout=10)
                with self.lock:
                    self.answered += 2
            except (OSError, ValueError) as e:
                kept = None
                with self.lock:
                    self.failed += 1
                print(f"client of {service}: {e!r}", file=sys.stderr)
            time.sleep(0.002)

    def leaders(self):
        """Session leaders that carry the node's mark: one is a process of a service."""
        found = {}
        mark = f"NOTIFY_SOCKET={self.dir}/notify.sock\0".encode()
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            pid = int(entry)
            seen = start_ticks(pid)
            if seen is None or seen[0] != pid:
                continue
            try:
                with open(f"/proc/{pid}/environ", "rb") as f:
                    environment = f.read()
                out = os.readlink(f"/proc/{pid}/fd/1")
            except OSError:
                continue
            if mark in environment and "/pipes/" in out:
                found[pid, seen[1]] = os.path.basename(out).split(".")[0]
        return found

    def supervisor(self):
        log = open(os.path.join(self.dir, "supervisor.log"), "ab")
        return subprocess.Popen([os.path.join(self.bin, "supervisor")], env=self.environment, stdout=log, stderr=log, cwd="/")

    def services(self):
        end = time.monotonic() + 30
        while True:
            try:
                return {s["name"]: s for s in self.call("supervisor", "supervisor.svc.list")["result"]["services"]}
            except (OSError, KeyError, ValueError):
                if time.monotonic() > end:
                    raise
                time.sleep(0.005)

    def judge(self, before):
        listed = self.services()
        held = {name for name, s in listed.items() if "held down" in (s.get("why") or s.get("reason") or json.dumps(s))}
        self.counts["held_down"] += len(held)
        end = time.monotonic() + 10
        while True:  # A process may be born or die between one look and the other: only what lasts counts.
            alive = self.leaders()
            listed = self.services()
            pids = {s["pid"]: name for name, s in listed.items() if s["pid"]}
            strays = [key for key in alive if key[0] not in pids]
            names = [name for name in alive.values()]
            twice = {name for name in names if names.count(name) > 1}
            if (not strays and not twice) or time.monotonic() > end:
                break
            time.sleep(0.02)
        for key, name in before.items():
            if key in alive:
                self.counts["adopted" if key not in strays else "orphaned"] += 1
            else:
                self.counts["ended_by_themselves"] += 1
                self.kinds[name] = self.kinds.get(name, 0) + 1
        self.counts["orphaned"] += len([k for k in strays if k not in before])
        self.counts["started_twice"] += len(twice)
        if strays or twice or held:
            print(f"kill {self.counts['kills']}: strays {strays}, twice {twice}, held {held}", file=sys.stderr)

    def restart_something(self):
        name = self.random.choice(["slow", "late"])
        def ask():
            try:
                self.call("supervisor", "supervisor.svc.restart", {"name": name, "drain_ms": 1000})
            except (OSError, ValueError):
                pass  # The supervisor died over it.
        threading.Thread(target=ask, daemon=True).start()

    def go(self, kills):
        supervisor = self.supervisor()
        subprocess.run([os.path.join(self.bin, "strata-ctl"), "status", "--wait", "20s"], env=self.environment, stdout=subprocess.DEVNULL)
        if supervisor.poll() is not None:
            sys.exit(open(os.path.join(self.dir, "supervisor.log")).read())
        first = {name: s["pid"] for name, s in self.services().items() if name in LOADED}
        threads = [threading.Thread(target=self.load, args=(service,)) for service in LOADED for _ in range(2)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(kills):
                if self.random.random() < 0.5:
                    self.restart_something()
                time.sleep(self.random.random() * 0.6)
                supervisor.kill()
                supervisor.wait()
                self.counts["kills"] += 1
                time.sleep(self.random.random() * 0.1)
                before = self.leaders()
                begun = time.monotonic()
                supervisor = self.supervisor()
                if self.random.random() < 0.3:  # One that dies while it takes over.
                    time.sleep(self.random.random() * 0.08)
                    supervisor.kill()
                    supervisor.wait()
                    self.counts["kills"] += 1
                    begun = time.monotonic()
                    supervisor = self.supervisor()
                self.services()
                self.takeover_ms.append((time.monotonic() - begun) * 1000)
                self.judge(before)
            last = {name: s["pid"] for name, s in self.services().items() if name in LOADED}
        finally:
            self.stopping = True
            for thread in threads:
                thread.join()
            supervisor.send_signal(signal.SIGTERM)
            supervisor.wait(30)
            left = self.leaders()
            for pid, _ in left:
                os.kill(pid, signal.SIGKILL)
        ran = open(os.path.join(self.dir, "once.ran")).read().count("ran")
        times = sorted(self.takeover_ms)
        result = {**self.counts, "requests_answered": self.answered, "requests_failed": self.failed, "oneshot_runs": ran,
                  "same_processes_throughout": first == last, "left_at_the_end": len(left),
                  "takeover_ms_median": round(times[len(times) // 2]), "takeover_ms_max": round(times[-1])}
        print(json.dumps(result, indent=2))
        bad = self.counts["orphaned"] + self.counts["started_twice"] + self.counts["held_down"] + self.failed + len(left) + (ran != 1) + (first != last)
        if not bad:
            shutil.rmtree(self.dir)
        else:
            print(f"see {self.dir}", file=sys.stderr)
        return 1 if bad else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bin", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bin"))
    sys.exit((lambda o: Run(o).go(o.kills))(parser.parse_args()))
