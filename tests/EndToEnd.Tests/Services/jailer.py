#!/usr/bin/python3
"""Takes the place of the sandbox service, tries what that one has no business to do to its host, and prints what came of it."""
import ctypes
import os
import platform
import signal
import socket

libc = ctypes.CDLL(None, use_errno=True)
ARM = platform.machine() == "aarch64"


def attempt(what):
    try:
        what()
        return "done"
    except OSError as fault:
        return os.strerror(fault.errno)


def call(x64, arm64, *arguments):
    """A system call by its number; with these arguments none of them does anything even where it is allowed."""
    def run():
        if libc.syscall(ctypes.c_long(arm64 if ARM else x64), *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments)) < 0:
            raise OSError(ctypes.get_errno(), "syscall")
    return attempt(run)


def memory_of(pid):
    local = ctypes.create_string_buffer(8)
    vector = (ctypes.c_long * 2)(ctypes.addressof(local), 8)
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps:
        remote = (ctypes.c_long * 2)(int(maps.readline().split("-")[0], 16), 8)
    if libc.process_vm_readv(pid, vector, 1, remote, 1, 0) < 0:
        raise OSError(ctypes.get_errno(), "process_vm_readv")


def mount_in_a_namespace():
    """What it is for: a user namespace, a mount namespace, and a mount in it."""
    child = os.fork()
    if child == 0:
        made = libc.unshare(0x20000 if os.geteuid() == 0 else 0x10020000) == 0
        made = made and libc.mount(b"none", b"/", None, 0x44000, None) == 0 and libc.mount(b"/tmp", b"/mnt", None, 0x1000, None) == 0
        os._exit(0 if made else 1)
    if os.waitpid(child, 0)[1] != 0:
        raise OSError(1, "mount")


supervisor = int(os.environ["STRATA_SUPERVISOR_PID"])
status = dict(line.split(":\t") for line in open("/proc/self/status", encoding="ascii").read().splitlines() if ":\t" in line)
result = {
    "NoNewPrivs": status["NoNewPrivs"], "Seccomp": status["Seccomp"], "CapEff": status["CapEff"], "CapBnd": status["CapBnd"],
    "another kernel": call(246, 104, 0, 0, 0, 0), "a module": call(175, 105, 0, 0, b""), "a module of a file": call(313, 273, -1, b"", 0),
    "restart the machine": call(169, 142, 0, 0, 0, 0), "swap": call(167, 224, b"/nothing", 0), "programs in the kernel": call(321, 280, -1, 0, 0),
    "the kernel's events": call(298, 241, 0, 0, -1, -1, 0), "page faults": call(323, 282, -1), "keys": call(250, 219, -1, 0, 0), "the clock": call(164, 170, 0, 0),
    "another clock": call(227, 112, 0, 0), "a ring of calls": call(425, 425, 0, 0), "files by handle": call(304, 265, -1, 0, 0), "quotas": call(179, 60, -1, 0, 0, 0),
    "accounting": call(163, 89, b"/nothing"), "the kernel's messages": call(103, 116, -1, 0, 0), "descriptors of others": call(438, 438, -1, -1, 0),
    "ports of the machine": call(173, -1, 0, 0, 0) if not ARM else "Operation not permitted",
    "raw packets": attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)),
    "a device": attempt(lambda: os.mknod(os.environ["STRATA_STATE_DIR"] + "/disk", 0o60600, os.makedev(8, 0))),
    "a low port": attempt(lambda: socket.socket(socket.AF_INET).bind(("127.0.0.1", 1))),
    "a network's device": attempt(lambda: __import__("fcntl").ioctl(socket.socket(socket.AF_INET), 0x8914, b"lo".ljust(16, b"\0") + b"\1\0".ljust(16, b"\0"))),
    "signal the supervisor": attempt(lambda: os.kill(supervisor, 0)),
    "trace the supervisor": call(101, 117, 16, supervisor, 0, 0),
    "memory of the supervisor": attempt(lambda: memory_of(supervisor)),
    "root of the supervisor": attempt(lambda: os.readlink(f"/proc/{supervisor}/root")),
    "its own business": attempt(mount_in_a_namespace),
}
print("TRESPASS " + "".join(f"{what}={came};" for what, came in result.items()), flush=True)
signal.pause()
