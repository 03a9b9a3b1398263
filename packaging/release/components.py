"""Names what the programs are made of: NuGet packages by the lock files, the .NET packs by the last build, shared libraries by Debian's records.

usage: components.py list BIN LIBRARY...              prints them as JSON, for sbom.py
       components.py notices DIRECTORY                copies the .NET runtime's licence and notices there
       components.py copyrights DIRECTORY LIBRARY...  copies the terms of libraries there, as Debian has collected them
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RUNTIME = "Microsoft.NETCore.App.Runtime."

# Debian's copyright files are prose; what they say of the libraries we copy, in SPDX's words.
DEBIAN_LICENCES = {
    "libsodium23": "ISC",
    "libsodium26": "ISC",
    "libseccomp2": "LGPL-2.1-only",
    "libc6": "LGPL-2.1-or-later",
    "libgcc-s1": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libstdc++6": "GPL-3.0-or-later WITH GCC-exception-3.1",
}


def built():
    """What the last build restored, as the SDK wrote it down."""
    path = os.path.join(ROOT, "build/obj/project.assets.json")
    if not os.path.exists(path):
        sys.exit(f"error: {path} is missing; run ./build.sh first")
    with open(path, encoding="utf-8-sig") as source:
        return json.load(source)


def package_folder(assets, name, version):
    """Where a package was unpacked; None when it is not there."""
    folders = (os.path.join(place, name.lower(), version) for place in assets["packageFolders"])
    return next((folder for folder in folders if os.path.isdir(folder)), None)


def licence(folder):
    """The SPDX expression a package declares."""
    for specification in glob.glob(os.path.join(folder or "", "*.nuspec")):
        with open(specification, encoding="utf-8-sig") as source:
            declared = re.search(r'<license type="expression">([^<]+)</license>', source.read())
        if declared:
            return declared.group(1)
    return "NOASSERTION"


def nuget(assets, name, version, shipped, source):
    return {
        "name": name,
        "version": version,
        "licence": licence(package_folder(assets, name, version)),
        "supplier": "NOASSERTION",
        "purl": f"pkg:nuget/{name}@{version}",
        "source": source,
        "relation": "CONTAINS" if shipped else "BUILD_DEPENDENCY_OF",
    }


def locked(assets, programs):
    """The packages of the programs' lock files. Trimming can leave nothing of one: it was then needed to build only."""
    found = {}
    for path in sorted(glob.glob(os.path.join(ROOT, "cmd/*/packages.lock.json")) + [os.path.join(ROOT, "build/packages.lock.json")]):
        with open(path, encoding="utf-8") as source:
            frameworks = json.load(source)["dependencies"].values()
        for name, entry in (item for framework in frameworks for item in framework.items()):
            if entry["type"] != "Project":
                shipped = os.path.exists(os.path.join(programs, name + ".dll"))
                found[name, entry["resolved"]] = nuget(assets, name, entry["resolved"], shipped, "packages.lock.json contentHash sha512-" + entry["contentHash"])
    return list(found.values())


def packs(assets):
    """The .NET packs: the runtime that is shipped, and what compiled it ahead of time."""
    for framework in assets["project"]["frameworks"].values():
        for pack in framework.get("downloadDependencies", []):
            name, version = pack["name"], pack["version"].strip("[]").split(",")[0]
            if not name.startswith("Microsoft.AspNetCore"):
                yield nuget(assets, name, version, name.startswith(RUNTIME), "the .NET SDK chose this version")


def query(*arguments):
    return subprocess.run(["dpkg-query", *arguments], check=True, capture_output=True, text=True).stdout


def package_of(library):
    """The Debian package of a file, which may be on record by its path from before /lib became a link."""
    path = os.path.realpath(library)
    for recorded in (path, path.removeprefix("/usr")):
        try:
            return query("-S", recorded).split(":")[0]
        except subprocess.CalledProcessError:
            continue
    sys.exit(f"error: {path} is of no Debian package; only such libraries are put into a release")


def debian(libraries):
    """The Debian packages that shared libraries come from."""
    for name in sorted({package_of(library) for library in libraries}):
        version, architecture, source = query("-W", "-f", "${Version}\t${Architecture}\t${source:Package} ${source:Version}", name).split("\t")
        yield {
            "name": name,
            "version": version,
            "licence": DEBIAN_LICENCES.get(name, "NOASSERTION"),
            "supplier": "Organization: Debian",
            "purl": f"pkg:deb/debian/{name.replace('+', '%2B')}@{version.replace('+', '%2B')}?arch={architecture}",
            "source": f"Debian source package {source}",
            "relation": "CONTAINS",
        }


def notices(directory):
    assets = built()
    runtime = next(pack for pack in packs(assets) if pack["name"].startswith(RUNTIME))
    folder = package_folder(assets, runtime["name"], runtime["version"])
    for name in ("LICENSE.TXT", "THIRD-PARTY-NOTICES.TXT"):
        shutil.copyfile(os.path.join(folder, name), os.path.join(directory, "dotnet-" + name))


def copyrights(directory, libraries):
    for component in debian(libraries):
        os.makedirs(os.path.join(directory, component["name"]), exist_ok=True)
        shutil.copyfile(f"/usr/share/doc/{component['name']}/copyright", os.path.join(directory, component["name"], "copyright"))


if sys.argv[1] == "notices":
    notices(sys.argv[2])
elif sys.argv[1] == "copyrights":
    copyrights(sys.argv[2], sys.argv[3:])
else:
    known = built()
    listed = locked(known, sys.argv[2]) + list(packs(known)) + list(debian(sys.argv[3:]))
    json.dump(sorted(listed, key=lambda component: (component["purl"])), sys.stdout, indent=1)
