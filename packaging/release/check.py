"""Holds a release against its SPDX document: every file of every archive, with its checksum. usage: check.py DOCUMENT ARCHIVE=TREE[,TREE]..."""
import json
import os
import sys

import archive

with open(sys.argv[1], encoding="utf-8") as source:
    document = json.load(source)
files = {file["SPDXID"]: file for file in document["files"]}
packages = {package.get("packageFileName"): package for package in document["packages"]}
known = set(files) | {package["SPDXID"] for package in document["packages"]} | {"SPDXRef-DOCUMENT"}
faults = [f"{relation['spdxElementId']} {relation['relationshipType']} {relation['relatedSpdxElement']}: leads nowhere"
          for relation in document["relationships"] if not {relation["spdxElementId"], relation["relatedSpdxElement"]} <= known]


def sha256(entry):
    return next(checksum["checksumValue"] for checksum in entry["checksums"] if checksum["algorithm"] == "SHA256")


for path, trees in (argument.split("=", 1) for argument in sys.argv[2:]):
    package = packages.get(os.path.basename(path))
    if package is None:
        faults.append(f"{path}: not in the document")
        continue
    if sha256(package) != archive.digest(path):
        faults.append(f"{path}: another checksum")
    listed = {files[name]["fileName"]: sha256(files[name]) for name in package["hasFiles"]}
    held = {"./" + name: archive.digest(os.path.join(tree, name)) for tree in trees.split(",") for name in archive.files(tree)}
    faults += [f"{path}: {name}: {listed.get(name, 'not listed')}, but it is {held.get(name, 'not there')}" for name in sorted(listed.keys() | held.keys()) if listed.get(name) != held.get(name)]

for fault in faults:
    print("error: " + fault, file=sys.stderr)
print(f"{len(files)} files, {len(document['packages'])} packages, {len(faults)} faults")
sys.exit(1 if faults else 0)
