#!/usr/bin/env python3
"""Writes nix/deps.json: every NuGet package that the programs are built from, with the hash by which Nix fetches it.

usage: nix/deps.py           after a change of Directory.Packages.props
       nix/deps.py --check   proves the list: a restore from these packages alone succeeds, and fails without any one of them
"""
import base64
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIST = ROOT / "nix" / "deps.json"
# These come with the SDK of nixpkgs, in its own version.
SDK_PACK = re.compile(r"microsoft\.(netcore\.app|aspnetcore\.app|net\.illink)\.|(runtime\..*\.)?microsoft\.dotnet\.ilcompiler", re.IGNORECASE)


def lay_out_projects(folder):
    """What a restore reads, without the lock files: the build of Nix has none, since its SDK is another patch version."""
    files = [ROOT / name for name in ("Directory.Build.props", "Directory.Packages.props", "global.json")]
    files += [file for area in ("cmd", "lib", "build") for file in (ROOT / area).rglob("*proj")]
    for file in files:
        target = folder / file.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)


def restore(folder, packages, source=None):
    for leftover in [*folder.rglob("obj"), *folder.rglob("packages.lock.json")]:
        shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
    command = ["dotnet", "restore", "build/Programs.csproj", "--packages", str(packages), "-p:SelfContained=true", "-p:NuGetAudit=false", "-nologo", "-v:q"]
    command += ["--source", str(source)] if source else []
    quiet = dict(os.environ, DOTNET_NOLOGO="1", DOTNET_CLI_TELEMETRY_OPTOUT="1")
    return subprocess.run(command, cwd=folder, env=quiet, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def entry(archive):
    with zipfile.ZipFile(archive) as package:
        nuspec = next(name for name in package.namelist() if name.endswith(".nuspec") and "/" not in name)
        text = package.read(nuspec).decode("utf-8-sig")
    pname = re.search(r"<id>\s*([^<\s]+)", text).group(1)
    version = re.search(r"<version>\s*([^<\s]+)", text).group(1)
    digest = base64.b64encode(hashlib.sha256(archive.read_bytes()).digest()).decode()
    return {"pname": pname, "version": version, "hash": f"sha256-{digest}"}


def check(projects, archives, listed, scratch):
    ours = [archive for archive in archives if not SDK_PACK.match(archive.name)]
    for missing in [None, *ours]:
        feed, packages = scratch / "feed", scratch / "packages"
        for used in (feed, packages):
            shutil.rmtree(used, ignore_errors=True)
        feed.mkdir()
        for archive in archives:
            if archive != missing:
                os.symlink(archive, feed / archive.name)
        result = restore(projects, packages, feed)
        if missing is None and result.returncode != 0:
            sys.exit(f"{result.stdout}\nerror: the packages of nix/deps.json do not suffice")
        if missing is not None and result.returncode == 0:
            sys.exit(f"error: {missing.name} is superfluous: a restore succeeds without it")
        print(f"ok: {'a restore from the listed packages alone succeeds' if missing is None else f'it fails without {missing.name}'}")
    if json.loads(LIST.read_text()) != listed:
        sys.exit("error: nix/deps.json is not what a restore brings; run nix/deps.py")
    print("ok: nix/deps.json is what a restore brings")


def main(arguments):
    if arguments not in ([], ["--check"]):
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        projects, packages = scratch / "projects", scratch / "restored"
        lay_out_projects(projects)
        result = restore(projects, packages)
        if result.returncode != 0:
            sys.exit(f"{result.stdout}\nerror: the restore failed")
        archives = sorted(packages.glob("*/*/*.nupkg"))
        listed = [entry(archive) for archive in archives if not SDK_PACK.match(archive.name)]
        listed.sort(key=lambda package: (package["pname"].encode(), package["version"].encode()))
        if arguments:
            check(projects, archives, listed, scratch)
            return
        rows = ",\n".join("  " + json.dumps(package) for package in listed)
        LIST.write_text(f"[\n{rows}\n]\n")
        print(f"nix/deps.json: {len(listed)} packages")


main(sys.argv[1:])
