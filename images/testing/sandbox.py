"""Sandboxes in the machine: allowed by the documented step, held by control groups of version 2, ended with the service, there again after a reboot."""
import re

from limits import GROUP
from node import healthy, kill_supervisor
from walk import expect, pids_of

# What the manual says under "Under systemd", as it says it.
STEP = "sed -n '/^## Under systemd/,/^## On disk/{/^```sh$/,/^```$/p}' /usr/share/doc/strata/sandbox.md | grep -v '^```'"
TOKEN = "STRATA_TOKEN=$(cat /srv/box.token) "
BOX = TOKEN + "strata-ctl sandbox --timeout 120s "
GROUPS = f"find {GROUP} -maxdepth 1 -name '*sandbox-*'"


def pid_of_service(walk):
    return walk.run("strata-ctl svc list | awk '$1 == \"sandbox\" { print $3 }'")


def group_of(walk):
    """The control group of the one session."""
    found = walk.run(GROUPS).split()
    expect(len(found) == 1, f"the groups of sandboxes are {found}, not one")
    return found[0]


def count(walk, file, name):
    return int(walk.run(f"sed -n 's/^{name} //p' {group_of(walk)}/{file}"))


def allowed(walk):
    walk.run(STEP + " > /root/step.sh && grep -q daemon-reload /root/step.sh && sh -e /root/step.sh")
    healthy(walk)
    walk.until("strata-ctl svc list | grep -q '^sandbox *Healthy'")
    found = re.search(r"strata\.service: ([0-9.]+)", walk.run("systemd-analyze security --no-pager strata.service | tail -n 1"))
    expect(found and float(found[1]) <= 3.0, "the exposure with the drop-in is above 3.0")
    return f"exposure {found[1]}"


def doctor(walk):
    rows = [line.split() for line in walk.run("strata-ctl sandbox doctor --no-color").splitlines()[2:] if line.strip()]
    lacking = [row[0] for row in rows if row[1] != "ok"]
    # The unit has no user to give but its own.
    expect(len(rows) >= 5 and lacking in ([], ["ids"]), f"the doctor finds lacking: {lacking}")


def confined(walk):
    status = dict(line.split(":\t") for line in walk.run(f"cat /proc/{pid_of_service(walk)}/status").splitlines() if ":\t" in line)
    expect((status["NoNewPrivs"], status["Seccomp"], int(status["CapEff"], 16), int(status["CapBnd"], 16)) == ("1", "2", 0, 0), f"the service is not confined: {status}")


def made(walk):
    walk.run("strata-ctl token issue -q --service sandbox --rights sandbox.create,sandbox.exec --subject walker --ttl 12h > /srv/box.token")
    text = walk.run(BOX + "create box --memory 64M --pids 40 --cpus 0.5 --require-limits")
    expect(re.search(r"enforced by +cgroup2", text), f"control groups do not hold the limits:\n{text}")
    found = walk.run(f"g={group_of(walk)}; cat $g/memory.max $g/cpu.max").split("\n")
    expect(found == ["67108864", "50000 100000"], f"the limits are {found}")
    expect(walk.run(BOX + "exec box 'echo kept > /workspace/kept; cat /workspace/kept'") == "kept", "nothing is kept")
    walk.refused(BOX + "exec box -- cat /var/lib/strata/format.json", "No such file")


def hog_is_killed(walk):
    before = pids_of(walk)
    walk.vm.run(BOX + "exec box -- sh -c 'head -c 300000000 /dev/zero | tail -c 290000000 | wc -c'")
    expect(count(walk, "memory.events", "oom_kill") > 0, "nothing was killed for memory")
    expect(walk.run(BOX + "exec box 'echo alive'") == "alive" and pids_of(walk) == before, "the hog took others along")


def bomb_is_bounded(walk):
    walk.vm.run(BOX + "exec box --time 10s -- sh -c 'b() { b | b & b; }; b' >/dev/null 2>&1")
    expect(count(walk, "pids.events", "max") > 0, "no process was refused")
    expect(int(walk.run(f"cat {group_of(walk)}/pids.current")) <= 43, "more processes than allowed")
    expect(walk.run(BOX + "exec box 'echo alive'") == "alive", "the bomb took the session along")


def supervisor_killed(walk):
    before = pid_of_service(walk)
    walk.run(BOX + "start box -- sleep 7001")
    kill_supervisor(walk)
    expect(pid_of_service(walk) == before and walk.run("pgrep -c -x -f 'sleep 7001'") == "1", "sandboxes did not live on")


def service_killed(walk):
    walk.run("pgrep -x -f 'sleep 7001'")
    old, group = pid_of_service(walk), group_of(walk)
    walk.run(f"kill -9 {old}")
    walk.until("! pgrep -x -f 'sleep 7001'", 30)
    walk.until(f"strata-ctl svc list | grep '^sandbox *Healthy' | grep -vq ' {old} '")
    walk.until(f"[ ! -e {group} ]", 30)
    expect(walk.run(BOX + "exec box 'cat /workspace/kept'") == "kept", "the session did not come back")
    expect(walk.run("grep -c sandbox /proc/self/mountinfo || true") == "0", "something stays mounted")


def undivided(walk):
    """A process in the unit's own group keeps the kernel from dividing it: told, and limits held otherwise."""
    walk.run("strata-ctl svc stop sandbox --timeout 60s")
    walk.run(f"echo -cpu -memory -pids > {GROUP}/cgroup.subtree_control")
    walk.run(f"sleep 7002 & echo $! > {GROUP}/cgroup.procs")
    try:
        walk.run("strata-ctl svc start sandbox --timeout 120s")
        walk.until("strata-ctl svc list | grep -q '^sandbox *Healthy'")
        text = walk.run("strata-ctl sandbox doctor --no-color")
        expect(re.search(r"limits +lacking +rlimit", text), f"the doctor does not say what holds limits:\n{text}")
        walk.refused(BOX + "create strict --require-limits", "limits_unavailable")
    finally:
        walk.run("pkill -x -f 'sleep 7002'; strata-ctl svc restart sandbox --timeout 120s")
        walk.until("strata-ctl svc list | grep -q '^sandbox *Healthy'")
    doctor(walk)


def comes_back(walk):
    """After a reboot: the drop-in and the service are there, the session is made anew with its files."""
    walk.until("strata-ctl svc list | grep -q '^sandbox *Healthy'")
    expect("made anew" in walk.run(BOX + "ps"), "the session was not made anew")
    expect(walk.run(BOX + "exec box 'cat /workspace/kept'") == "kept", "the session lost its files")
    walk.refused("pgrep -x -f 'sleep 700[0-9]'", "")


def nothing_is_left(walk):
    walk.run(BOX + "close box")
    expect(walk.run(GROUPS) == "", "a control group is left")
    expect(walk.run("ls /var/lib/strata/sandbox/sessions") == "", "a session is left on disk")
    walk.run(BOX + "create last && " + BOX + "start last -- sleep 7003 && systemctl stop strata")
    walk.until("! pgrep -u strata", 60)
    expect(walk.run(f"find {GROUP} -name '*sandbox-*' 2>/dev/null || true") == "", "a stopped node leaves a control group")
