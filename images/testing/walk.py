"""What every part of the walk through a booted machine uses: checks that are counted, commands that must succeed."""
import shlex
import sys
import time


class Refused(Exception):
    """A command did not do what was expected of it."""


class Walk:
    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.vm = None
        self.started = time.monotonic()

    def check(self, name, part):
        """Runs one part; it fails by an exception, and the walk goes on."""
        began = time.monotonic()
        try:
            found = part()
        except (Refused, TimeoutError, ConnectionError, RuntimeError, ValueError, IndexError, KeyError) as error:
            self.failed += 1
            print(f"FAIL  {name}\n      | " + str(error).strip()[-3000:].replace("\n", "\n      | "), flush=True)
            self.show_machine()
            if self.vm is None or self.vm.process.poll() is not None or isinstance(error, (TimeoutError, ConnectionError)):
                raise SystemExit(self.verdict()) from error
            return None
        self.passed += 1
        print(f"ok    {name}" + (f": {found}" if isinstance(found, str) else "") + f" ({time.monotonic() - began:.1f} s)", flush=True)
        return found

    def show_machine(self):
        """What a person would look at first when something has failed in the machine."""
        try:
            _, text = self.vm.run("df -h -x devtmpfs; free -m; dmesg | tail -n 15; journalctl -u strata -n 15 --no-pager -o short-monotonic", patience=60)
        except (TimeoutError, OSError, AttributeError):
            return
        print("      : " + text.replace("\n", "\n      : "), flush=True)

    def run(self, command):
        """What a command prints; it must end with 0."""
        code, text = self.vm.run(command)
        if code != 0:
            raise Refused(f"{command}\nended with {code}:\n{text}")
        return text

    def refused(self, command, because):
        """The command must fail, and say this."""
        code, text = self.vm.run(command)
        if code == 0 or because not in text:
            raise Refused(f"{command}\nended with {code} and did not say {because!r}:\n{text}")

    def until(self, command, seconds=120):
        """Waits in the machine until a command succeeds."""
        code, text = self.vm.run(f"n=0; until {command}; do n=$((n+1)); [ $n -le {seconds} ] || break; sleep 1; done >/dev/null 2>&1; {command}")
        if code != 0:
            raise Refused(f"{command}\ndid not succeed within {seconds} s:\n{text}")

    def write(self, path, text):
        """Writes a file in the machine."""
        self.run(f"printf %s {shlex.quote(text)} > {path}")

    def tell_time(self, what):
        print(f"      {what}: {time.monotonic() - self.started:.0f} s", flush=True)

    def verdict(self):
        self.tell_time("all")
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed else 0


def fail(message):
    print(f"error: {message}", file=sys.stderr)
    raise SystemExit(1)


def pids_of(walk):
    """Processes of the three services, by name."""
    rows = [line.split() for line in walk.run("strata-ctl svc list").splitlines()]
    return {row[0]: row[2] for row in rows if row[0] in ("registry", "identity", "fs") and row[1] == "Healthy"}


def expect(condition, message):
    if not condition:
        raise Refused(message)
