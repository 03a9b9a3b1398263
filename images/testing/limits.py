"""What the kernel holds services to: control groups, fork bombs, memory, Landlock, seccomp."""
import json

from node import kill_supervisor
from walk import expect, pids_of

GROUP = "/sys/fs/cgroup/system.slice/strata.service"


def declare(walk, name, script, **more):
    """A service of a shell script, applied and started."""
    manifest = {"name": name, "exec": ["/bin/sh", "-c", script], "socket": None, "readiness": {"method": "none"}, "restart": {"policy": "never"}, **more}
    walk.write(f"/etc/strata/services.d/{name}.service.json", json.dumps(manifest))
    walk.run("strata-ctl config apply 2>&1")


def forget(walk, name):
    walk.run(f"rm /etc/strata/services.d/{name}.service.json && strata-ctl config apply 2>&1")


def group_of(walk, name):
    """The control group of a service, seen through one of its processes."""
    pid = walk.run(f"strata-ctl svc list | awk '$1 == \"{name}\" {{ print $3 }}'")
    path = walk.run(f"sed -n 's/^0:://p' /proc/{pid}/cgroup")
    expect(path.startswith("/system.slice/strata.service/"), f"{name} runs in {path}, not below the unit")
    return "/sys/fs/cgroup" + path


def delegated(walk):
    expect(walk.run("stat -f -c %T /sys/fs/cgroup") == "cgroup2fs", "the machine has no pure control groups of version 2")
    for controller in ("cpu", "memory", "pids"):
        expect(controller in walk.run(f"cat {GROUP}/cgroup.controllers").split(), f"{controller} is not handed on below the unit")
    expect(walk.run(f"stat -c %U {GROUP}") == "strata", "the unit's group is not delegated to the node's user")


def limits_are_set(walk):
    declare(walk, "limited", "exec sleep 1000", limits={"memory": "64M", "cpu": 0.5, "pids": 8})
    group = group_of(walk, "limited")
    found = walk.run(f"cat {group}/memory.max {group}/pids.max {group}/cpu.max").split("\n")
    expect(found == ["67108864", "8", "50000 100000"], f"the limits are {found}")
    expect("cgroup2" in walk.run("strata-ctl svc list --wide | grep ^limited"), "the list does not say what enforces the limits")
    forget(walk, "limited")
    walk.until(f"[ ! -e {group} ]", 30)


def fork_bomb_is_contained(walk):
    before = pids_of(walk)
    declare(walk, "bomb", "b() { b | b & b; }; b 2>/dev/null & exec sleep 1000", limits={"pids": 24, "cpu": 0.25})
    group = group_of(walk, "bomb")
    walk.until(f"[ \"$(sed -n 's/^max //p' {group}/pids.events)\" -gt 20 ]", 60)
    expect(int(walk.run(f"cat {group}/pids.current")) <= 24, "more processes than allowed")
    expect(pids_of(walk) == before, "the bomb reached another service")
    walk.run("strata-ctl svc stop bomb --timeout 60s")
    walk.until(f"[ ! -e {group} ]", 60)
    forget(walk, "bomb")


def memory_hog_is_killed(walk):
    declare(walk, "hog", "head -c 300000000 /dev/zero | tail -c 290000000 | wc -c; sleep 1000", limits={"memory": "32M"})
    walk.until("strata-ctl svc list --json | grep -q limits.memory", 60)
    expect(len(pids_of(walk)) == 3, "the hog took another service along")
    forget(walk, "hog")


# The same as the service does below, by the node's user without confinement: there it succeeds.
PROBE = "cat /var/lib/strata/format.json"
KEYCTL = "perl -e 'exit(syscall(250, 0, -3, 1) > 0 ? 0 : 1)'"


def confined(walk):
    user = "setpriv --reuid strata --regid strata --clear-groups --no-new-privs sh -c "
    walk.run(user + f'"{PROBE}"')
    walk.run(user + f'"{KEYCTL}"')
    script = (f"{PROBE} && echo read-the-state || echo kept-from-the-state; {KEYCTL} && echo used-the-keyring || echo kept-from-the-keyring; "
              "unshare -U true && echo made-a-namespace || echo kept-from-namespaces; sleep 1000")
    declare(walk, "caged", script, confinement={"read": ["/srv"]})
    walk.until("strata-ctl logs caged | grep -q namespace", 60)
    said = walk.run("strata-ctl logs caged")
    for kept in ("kept-from-the-state", "kept-from-the-keyring", "kept-from-namespaces"):
        expect(kept in said, f"not {kept}:\n{said}")
    forget(walk, "caged")


def limits_outlive_the_supervisor(walk):
    declare(walk, "enduring", "exec sleep 1000", limits={"memory": "64M", "cpu": 0.5, "pids": 8})
    group = group_of(walk, "enduring")
    pid = walk.run("strata-ctl svc list | awk '$1 == \"enduring\" { print $3 }'")
    kill_supervisor(walk)
    expect(walk.run("strata-ctl svc list | awk '$1 == \"enduring\" { print $3 }'") == pid, "the limited service did not live on")
    found = walk.run(f"cat {group}/memory.max {group}/pids.max {group}/cpu.max").split("\n")
    expect(found == ["67108864", "8", "50000 100000"], f"after the supervisor's death the limits are {found}")
    forget(walk, "enduring")
