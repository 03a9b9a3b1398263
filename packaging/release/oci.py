"""Writes an OCI image layout of layers that are directories.

usage: oci.py --version V --epoch E --config FILE [--own PATH=UID]... --layer DIR... OUTPUT
       oci.py --pack LAYOUT --epoch E OUTPUT      the layout as one archive
"""
import argparse
import datetime
import hashlib
import json
import os
import platform

import archive

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


class Hashing:
    """A file being written to, and the checksum of what passed."""

    def __init__(self, target):
        self.target, self.hash = target, hashlib.sha256()

    def write(self, data):
        self.hash.update(data)
        return self.target.write(data)

    def flush(self):
        self.target.flush()


def as_json(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


class Layout:
    """Blobs named by their contents, and the index that leads to them."""

    def __init__(self, directory):
        self.blobs = os.path.join(directory, "blobs", "sha256")
        self.directory = directory
        os.makedirs(self.blobs)

    def keep(self, content, media_type):
        name = hashlib.sha256(content).hexdigest()
        with open(os.path.join(self.blobs, name), "wb") as blob:
            blob.write(content)
        return {"mediaType": media_type, "digest": "sha256:" + name, "size": len(content)}

    def layer(self, tree, epoch, owners):
        """Writes a layer; returns its descriptor and the checksum of the archive within, which the configuration names."""
        path = os.path.join(self.blobs, "layer")
        with open(path, "wb") as blob:
            with archive.zipped(blob) as packed:
                plain = Hashing(packed)
                archive.write_tar(plain, tree, epoch, owners=owners)
        name = archive.digest(path)
        size = os.path.getsize(path)
        os.rename(path, os.path.join(self.blobs, name))
        return {"mediaType": LAYER, "digest": "sha256:" + name, "size": size}, "sha256:" + plain.hash.hexdigest()

    def finish(self, manifest):
        index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [manifest]}
        for name, value in (("index.json", index), ("oci-layout", {"imageLayoutVersion": "1.0.0"})):
            with open(os.path.join(self.directory, name), "wb") as target:
                target.write(as_json(value))


def write(output, layers, config, version, epoch, owners):
    """Writes the layout of one image for this machine's architecture."""
    layout = Layout(output)
    created = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    written = [layout.layer(tree, epoch, owners) for tree in layers]
    labels = dict(config.get("Labels", {}), **{"org.opencontainers.image.version": version, "org.opencontainers.image.created": created})
    image = {
        "created": created,
        "architecture": ARCHITECTURES[platform.machine()],
        "os": "linux",
        "config": dict(config, Labels=labels),
        "rootfs": {"type": "layers", "diff_ids": [diff for _, diff in written]},
        "history": [{"created": created, "created_by": "packaging/build.sh"} for _ in written],
    }
    manifest = layout.keep(as_json({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": layout.keep(as_json(image), CONFIG),
        "layers": [layer for layer, _ in written],
        "annotations": labels,
    }), MANIFEST)
    manifest["platform"] = {"architecture": image["architecture"], "os": "linux"}
    manifest["annotations"] = {"org.opencontainers.image.ref.name": version}
    layout.finish(manifest)


def main():
    arguments = argparse.ArgumentParser()
    for name in ("version", "config", "pack"):
        arguments.add_argument("--" + name)
    arguments.add_argument("--epoch", type=int, required=True)
    arguments.add_argument("--own", action="append", default=[])
    arguments.add_argument("--layer", action="append", default=[])
    arguments.add_argument("output")
    given = arguments.parse_args()
    if given.pack:
        with open(given.output, "wb") as target:
            archive.write_tar(target, given.pack, given.epoch)
        return
    if not (given.version and given.config and given.layer):
        arguments.error("an image needs --version, --config and --layer")
    owners = {path: int(uid) for path, uid in (own.split("=") for own in given.own)}
    with open(given.config, encoding="utf-8") as source:
        write(given.output, given.layer, json.load(source), given.version, given.epoch, owners)


main()
