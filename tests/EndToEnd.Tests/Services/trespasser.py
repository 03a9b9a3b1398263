#!/usr/bin/python3
"""Takes the place of a built-in service, tries what that one has no business to do, and prints what came of it."""
import ctypes
import os
import signal
import socket


def attempt(what):
    try:
        what()
        return "done"
    except OSError as fault:
        return os.strerror(fault.errno)


def unshare():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x10000000) < 0:
        raise OSError(ctypes.get_errno(), "unshare")


runtime, state = os.environ["STRATA_RUNTIME_DIR"], os.environ["STRATA_STATE_DIR"]
status = dict(line.split(":\t") for line in open("/proc/self/status", encoding="ascii").read().splitlines() if ":\t" in line)
result = {
    "NoNewPrivs": status["NoNewPrivs"], "Seccomp": status["Seccomp"], "CapEff": status["CapEff"], "CapBnd": status["CapBnd"],
    "read etc": attempt(lambda: open("/etc/ssh/ssh_config" if os.path.exists("/etc/ssh/ssh_config") else "/etc/fstab", encoding="utf-8").close()),
    "read keys": attempt(lambda: os.listdir(state + "/identity")),
    "read capabilities": attempt(lambda: os.listdir(runtime)),
    "write own state": attempt(lambda: open(state + "/identity/trespass", "w", encoding="ascii").close()),
    "write audit": attempt(lambda: open(state + "/audit/trespass", "w", encoding="ascii").close()),
    "write runtime dir": attempt(lambda: open(runtime + "/trespass", "w", encoding="ascii").close()),
    "write tmp": attempt(lambda: open("/tmp/strata-trespass", "w", encoding="ascii").close()),
    "remove a socket": attempt(lambda: os.unlink(runtime + "/supervisor.sock")),
    "internet": attempt(lambda: socket.socket(socket.AF_INET)),
    "another program": attempt(lambda: os.execv("/bin/true", ["true"])),
    "namespace": attempt(unshare),
    "signal the supervisor": attempt(lambda: os.kill(int(os.environ["STRATA_SUPERVISOR_PID"]), 0)),
}
print("TRESPASS " + "".join(f"{what}={came};" for what, came in result.items()), flush=True)
signal.pause()
