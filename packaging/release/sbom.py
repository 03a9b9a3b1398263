"""Writes an SPDX 2.3 document of what a release holds. usage: sbom.py --version V --epoch E --components FILE --artefact ARCHIVE=TREE[,TREE]... OUTPUT

Each archive is a package with every file in it; each component a package that archives contain or are built by.
"""
import argparse
import datetime
import hashlib
import json
import os
import re

import archive

# Which archives a shared library of Debian lies in: the Debian package has none, the tarball those that programs open by name.
OPENED = re.compile(r"lib(sodium|seccomp)\d*$")


def identifier(*parts):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", "-".join(parts))


def described_files(name, trees):
    """Every regular file of an archive, by its path in it."""
    for tree in trees:
        for path in archive.files(tree):
            full = os.path.join(tree, path)
            yield {
                "SPDXID": identifier("File", hashlib.sha256(f"{name}/{path}".encode()).hexdigest()[:24]),
                "fileName": "./" + path,
                "checksums": [{"algorithm": kind.upper(), "checksumValue": archive.digest(full, kind)} for kind in ("sha1", "sha256")],
            }


def verification_code(files):
    """SPDX 2.3, 7.9: the SHA-1 of the files' own, sorted and joined."""
    return hashlib.sha1("".join(sorted(file["checksums"][0]["checksumValue"] for file in files)).encode()).hexdigest()


def artefact_package(path, version, files):
    return {
        "SPDXID": identifier("Artefact", os.path.basename(path)),
        "name": "strata",
        "versionInfo": version,
        "packageFileName": os.path.basename(path),
        "supplier": "Organization: The Strata authors",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": True,
        "packageVerificationCode": {"packageVerificationCodeValue": verification_code(files)},
        "checksums": [{"algorithm": "SHA256", "checksumValue": archive.digest(path)}],
        "hasFiles": [file["SPDXID"] for file in files],
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "MIT",
        "copyrightText": "Copyright (c) The Strata authors",
        "primaryPackagePurpose": "CONTAINER" if path.endswith(".oci.tar") else "ARCHIVE",
    }


def component_package(component):
    return {
        "SPDXID": identifier("Package", component["name"], component["version"]),
        "name": component["name"],
        "versionInfo": component["version"],
        "supplier": component["supplier"],
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "sourceInfo": component["source"],
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": component["licence"],
        "copyrightText": "NOASSERTION",
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": component["purl"]}],
    }


def relation(source, kind, target):
    return {"spdxElementId": source, "relationshipType": kind, "relatedSpdxElement": target}


def in_archive(component, path):
    if not component["purl"].startswith("pkg:deb/"):
        return True
    return path.endswith(".oci.tar") or (path.endswith(".tar.gz") and OPENED.match(component["name"]) is not None)


def document(version, epoch, components, artefacts):
    """The document. Its namespace is of its contents, so that two that differ never share one."""
    packages, files, relations = [component_package(component) for component in components], [], []
    for path, trees in artefacts:
        held = list(described_files(os.path.basename(path), trees))
        package = artefact_package(path, version, held)
        packages.append(package)
        files += held
        relations.append(relation("SPDXRef-DOCUMENT", "DESCRIBES", package["SPDXID"]))
        relations += [relation(package["SPDXID"], "CONTAINS", file["SPDXID"]) for file in held]
        for component, described in zip(components, packages):
            if component["relation"] != "CONTAINS":
                relations.append(relation(described["SPDXID"], component["relation"], package["SPDXID"]))
            elif in_archive(component, path):
                relations.append(relation(package["SPDXID"], "CONTAINS", described["SPDXID"]))
    contents = {"packages": packages, "files": files, "relationships": relations}
    fingerprint = hashlib.sha256(json.dumps(contents, sort_keys=True).encode()).hexdigest()
    created = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"strata-{version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/strata-{version}-{fingerprint}",
        "creationInfo": {"created": created, "creators": ["Organization: The Strata authors", "Tool: packaging/release/sbom.py"]},
        **contents,
    }


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--version", required=True)
    arguments.add_argument("--epoch", type=int, required=True)
    arguments.add_argument("--components", required=True)
    arguments.add_argument("--artefact", action="append", required=True)
    arguments.add_argument("output")
    given = arguments.parse_args()
    with open(given.components, encoding="utf-8") as source:
        components = json.load(source)
    artefacts = [(path, trees.split(",")) for path, trees in (artefact.split("=", 1) for artefact in given.artefact)]
    with open(given.output, "w", encoding="utf-8") as target:
        json.dump(document(given.version, given.epoch, components, artefacts), target, indent=1, sort_keys=True)
        target.write("\n")


main()
