"""Writes trees as archives whose bytes follow from the trees alone: order, owners, times and headers are decided here."""
import gzip
import hashlib
import os
import stat
import tarfile


def entries(tree):
    """Every path of a tree, a directory before what is in it, in the order of their bytes."""
    found = []
    for folder, folders, files in os.walk(tree):
        for name in folders + files:
            found.append(os.path.relpath(os.path.join(folder, name), tree))
    return sorted(found, key=os.fsencode)


def files(tree):
    """The regular files of a tree."""
    return [path for path in entries(tree) if stat.S_ISREG(os.lstat(os.path.join(tree, path)).st_mode)]


def add(archive, tree, epoch, prefix="", owners=None):
    """Adds a tree. What owners name by path belongs to that user and group, with all below it; the rest to root."""
    for path in entries(tree):
        source = os.path.join(tree, path)
        info = archive.gettarinfo(source, arcname=prefix + path)
        if info.type == tarfile.LNKTYPE:
            raise ValueError(f"{path} is a hard link; a tree to be released has none")
        owner = next((uid for place, uid in (owners or {}).items() if path == place or path.startswith(place + "/")), 0)
        info.uid = info.gid = owner
        info.uname = info.gname = ""
        info.mtime = epoch
        if info.isreg():
            with open(source, "rb") as content:
                archive.addfile(info, content)
        else:
            archive.addfile(info)


def write_tar(target, tree, epoch, prefix="", owners=None):
    """Writes a tree to an open file as a tar archive."""
    with tarfile.open(fileobj=target, mode="w|", format=tarfile.GNU_FORMAT) as archive:
        if prefix:
            folder = tarfile.TarInfo(prefix.rstrip("/"))
            folder.type, folder.mode, folder.mtime = tarfile.DIRTYPE, 0o755, epoch
            archive.addfile(folder)
        add(archive, tree, epoch, prefix, owners)


def zipped(target):
    """A gzip stream into an open file, with neither name nor time in its header."""
    return gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=target, mtime=0)


def digest(path, algorithm="sha256"):
    """The checksum of a file, in hexadecimal."""
    with open(path, "rb") as content:
        return hashlib.file_digest(content, algorithm).hexdigest()
