"""Finds the shared libraries that programs need: what the loader says, and libsodium and libseccomp, which they open by name.

usage: libraries.py opened              prints the paths of libsodium and libseccomp
       libraries.py needed DIRECTORY    prints those, and what they and the programs of a directory are linked to
"""
import os
import re
import subprocess
import sys

OPENED = (("libsodium.so.23", "libsodium.so.26"), ("libseccomp.so.2",))


def known():
    """The loader's cache: the path by the name, those of this machine's own architecture first."""
    for program in ("ldconfig", "/sbin/ldconfig"):
        try:
            listing = subprocess.run([program, "-p"], check=True, capture_output=True, text=True).stdout
        except FileNotFoundError:
            continue
        paths = {}
        for name, path in re.findall(r"^\s+(\S+) \(libc6,[^)]*64[^)]*\) => (\S+)$", listing, re.MULTILINE):
            paths.setdefault(name, path)
        return paths
    sys.exit("error: ldconfig is missing")


def opened():
    paths = known()
    for names in OPENED:
        path = next((paths[name] for name in names if name in paths), None)
        if path is None:
            sys.exit(f"error: none of {', '.join(names)} is installed; install libsodium23 and libseccomp2")
        yield path


def is_elf(path):
    with open(path, "rb") as source:
        return source.read(4) == b"\x7fELF"


def linked(path):
    """What the loader would load for a file, by where it finds it. Lines of libraries beside the file are left out."""
    output = subprocess.run(["ldd", path], check=True, capture_output=True, text=True, env={"LC_ALL": "C", "PATH": os.environ["PATH"]}).stdout
    missing = re.findall(r"^\s*(\S+) => not found$", output, re.MULTILINE)
    if missing:
        sys.exit(f"error: {path} needs {', '.join(missing)}, which this machine has not")
    return re.findall(r"^\s*(?:\S+ => )?(/\S+) \(0x", output, re.MULTILINE)


def needed(directory):
    programs = [os.path.join(directory, name) for name in sorted(os.listdir(directory))]
    starts = [path for path in programs if os.path.isfile(path) and is_elf(path)] + list(opened())
    found = set(opened())
    for path in starts:
        found.update(library for library in linked(path) if not library.startswith(os.path.abspath(directory) + "/"))
    return found


for library in sorted(needed(sys.argv[2]) if sys.argv[1] == "needed" else opened()):
    print(library)
