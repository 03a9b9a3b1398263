#!/usr/bin/env python3
"""What an agent does with a sandbox, step by step; see sandbox.py. Takes a capability in STRATA_TOKEN:

    strata-ctl token issue -q --service sandbox --rights sandbox.create,sandbox.exec,sandbox.read,sandbox.write --subject agent --ttl 1h
"""
import sys

from sandbox import Refused, Sandbox


def main():
    with Sandbox.create(limits={"memory_bytes": 256 << 20, "pids": 64}, ttl_seconds=600) as box:
        print(f"a session: {box.name}")

        box.run("cd /tmp && answer=42")
        print("what lasts:", box.run('echo "$PWD $answer"').stdout.decode().strip())

        failed = box.run(["sh", "-c", "echo fine; echo wrong >&2; exit 3"])
        print("apart:", failed.stdout, failed.stderr, "exit code", failed.exit_code)

        for kind, data in box.stream("for i in 1 2 3; do echo line $i; sleep 0.1; done"):
            if kind == "stdout":
                print("as it comes:", data.decode().strip())

        box.write("data.csv", b"a,b\n" * 1000)
        box.run("sort -u data.csv > sorted.csv", cwd="/workspace")
        print("a file:", box.read("sorted.csv"))

        late = box.run("echo begun; sleep 1000", timeout=1)
        print("too long:", late.stdout.decode().strip(), "timed out" if late.timed_out else "ended")
        print("goes on:", box.run("echo here").stdout.decode().strip())

        try:
            Sandbox.create(network="host")
        except Refused as refused:
            print("refused:", refused.name, refused.reason)
        try:
            Sandbox("somebody-elses").run("id")
        except Refused as refused:
            print("not ours:", refused.name, refused.reason)
        name = box.name

    try:
        Sandbox(name).run("true")
    except Refused as refused:
        print("gone:", refused.name, refused.reason)
    return 0


if __name__ == "__main__":
    sys.exit(main())
