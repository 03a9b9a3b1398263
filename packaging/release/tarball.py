"""Writes a directory as a .tar.gz that unpacks into one folder. usage: tarball.py TREE FOLDER EPOCH OUTPUT"""
import sys

import archive

tree, folder, epoch, output = sys.argv[1:]
with open(output, "wb") as target, archive.zipped(target) as packed:
    archive.write_tar(packed, tree, int(epoch), folder + "/")
