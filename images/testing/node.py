"""The node in the machine: it comes up, serves, refuses, survives its supervisor, is upgraded."""
import re

from walk import expect, pids_of


def boot_time(walk):
    text = walk.run("systemctl show -p UserspaceTimestampMonotonic; systemctl show strata -p ExecMainStartTimestampMonotonic -p ActiveEnterTimestampMonotonic")
    at = {name: int(value) for name, value in (line.split("=") for line in text.splitlines())}
    begun = at["UserspaceTimestampMonotonic"]
    return f"supervisor {(at['ExecMainStartTimestampMonotonic'] - begun) / 1e6:.1f} s, all Healthy {(at['ActiveEnterTimestampMonotonic'] - begun) / 1e6:.1f} s after systemd began"


def healthy(walk):
    walk.run("strata-ctl status --wait 120s --timeout 150s")
    pids = pids_of(walk)
    expect(len(pids) == 3, f"not three services are Healthy: {pids}")
    walk.run("systemctl is-active strata")


def smoke(walk):
    text = walk.run("STRATA_CTL=/usr/bin/strata-ctl STRATA_SMOKE_DIR=/srv sh /root/strata-test/smoke.sh")
    return text.splitlines()[-1]


STRANGER = "setpriv --reuid 65534 --regid 65534 --clear-groups "


def stranger_is_refused(walk):
    walk.refused(STRANGER + "strata-ctl token issue --service fs --rights fs.read --prefix / --ttl 10m", "UNAUTHENTICATED")
    walk.refused(STRANGER + "strata-ctl svc stop fs", "UNAUTHENTICATED")
    for path in ("/var/lib/strata/identity", "/var/lib/strata/audit", "/run/strata/supervisor.state", "/run/strata/notify.sock"):
        walk.run(f"test -e {path}")
        walk.refused(STRANGER + f"cat {path}", "denied" if path != "/run/strata/notify.sock" else "cat:")
    # The same command by root shows that nothing but the user stood in the way.
    walk.run("strata-ctl token issue -q --service fs --rights fs.read --prefix /srv --ttl 10m")


def exposure(walk):
    text = walk.run("systemd-analyze security --no-pager strata.service | tail -n 1")
    found = re.search(r"strata\.service: ([0-9.]+)", text)
    expect(found and float(found[1]) <= 1.0, f"the exposure is not at most 1.0: {text}")
    return found[1]


def kill_supervisor(walk):
    """Kills it, and waits until another one has the node in hand."""
    main = walk.run("systemctl show -p MainPID --value strata")
    walk.run(f"kill -9 {main}")
    walk.until(f"[ \"$(systemctl show -p MainPID --value strata)\" -gt 0 ] && [ \"$(systemctl show -p MainPID --value strata)\" != {main} ] && strata-ctl status --wait 1s")


def supervisor_killed(walk):
    before = pids_of(walk)
    kill_supervisor(walk)
    healthy(walk)
    expect(pids_of(walk) == before, f"services did not live on: {before}, then {pids_of(walk)}")


def restarted(walk):
    before = pids_of(walk)
    walk.run("strata-ctl token issue -q --service fs --rights fs.stat --prefix /srv --ttl 1h > /root/kept.token")
    walk.run("systemctl restart strata")
    healthy(walk)
    after = pids_of(walk)
    expect(not set(before.values()) & set(after.values()), f"a service outlived a restart of the unit: {before}, then {after}")
    expect(walk.run("pgrep -c -u strata") == "4", "not four processes belong to the node:\n" + walk.run("ps -u strata -o pid,args"))
    walk.run("strata-ctl --token-file /root/kept.token fs stat /srv")


def disk_full(walk):
    try:
        # Not root's reserve, of which the node's user has nothing.
        walk.run("setpriv --reuid strata --regid strata --clear-groups sh -c 'cat /dev/zero > /var/lib/strata/filler' 2>/dev/null; sync; test -s /var/lib/strata/filler")
        # What fits into the last blocks of its files is still taken; then nothing is issued that could not be kept and accounted for.
        walk.refused("perl /root/strata-test/capabilities.pl issue 1000 /root/many", "UNAVAILABLE")
        expect(len(pids_of(walk)) == 3, "a full disk took a service down")
        walk.run("strata-ctl --token-file /root/kept.token fs stat /srv")
    finally:
        walk.run("rm -f /var/lib/strata/filler; sync -f /var/lib/strata")
    walk.until("strata-ctl token issue -q --service fs --rights fs.stat --prefix /srv --ttl 1h > /root/doomed.token", 30)
    walk.run("strata-ctl token revoke \"$(cat /root/doomed.token)\"")
    walk.refused("strata-ctl --token-file /root/doomed.token fs stat /srv", "revoked")
    healthy(walk)


def upgraded(walk, version):
    before = pids_of(walk)
    main = walk.run("systemctl show -p MainPID --value strata")
    walk.run("strata-ctl token issue -q --service fs --rights fs.stat --prefix /srv --ttl 1h > /root/revoked.token && strata-ctl token revoke \"$(cat /root/revoked.token)\"")
    text = walk.run("DEBIAN_FRONTEND=noninteractive dpkg -i /root/strata-test/next.deb 2>&1")
    healthy(walk)
    expect(pids_of(walk) == before, f"services did not serve on through the upgrade: {before}, then {pids_of(walk)}\n{text}")
    expect(walk.run("systemctl show -p MainPID --value strata") == main, "the supervisor was not replaced in its process:\n" + text)
    status = walk.run("strata-ctl status")
    expect(f"version      {version}" in status, f"the supervisor is not of version {version}:\n{status}\n{text}")
    walk.run("strata-ctl --token-file /root/kept.token fs stat /srv")
    walk.refused("strata-ctl --token-file /root/revoked.token fs stat /srv", "revoked")
    for name in ("registry", "identity", "fs"):
        walk.run(f"strata-ctl svc restart {name} --timeout 60s")
    healthy(walk)
    walk.run("strata-ctl --token-file /root/kept.token fs stat /srv")
    walk.refused("strata-ctl --token-file /root/revoked.token fs stat /srv", "revoked")


def newer_state_is_refused(walk):
    walk.run("cp -p /var/lib/strata/format.json /root/format.json")
    walk.run("sed -i 's/\"format\": *[0-9]*/\"format\": 999/; s/\"written_by\": *\"[^\"]*\"/\"written_by\": \"9.0.0\"/' /var/lib/strata/format.json")
    before = pids_of(walk)
    walk.refused("DEBIAN_FRONTEND=noninteractive dpkg -i /root/strata-test/this.deb 2>&1", "999")
    expect(pids_of(walk) == before, "a refused downgrade touched the services")
    walk.run("systemctl stop strata")
    walk.vm.run("systemctl start strata")
    expect(walk.run("systemctl show -p ExecMainStatus --value strata") == "78", "the supervisor did not refuse newer state with 78")
    log = walk.run("journalctl -u strata -n 20 --no-pager -o cat")
    expect("999" in log and "9.0.0" in log, "the refusal does not say what wrote the state:\n" + log)
    walk.run("cp -p /root/format.json /var/lib/strata/format.json && systemctl reset-failed strata && systemctl start strata")
    healthy(walk)
    walk.run("strata-ctl --token-file /root/kept.token fs stat /srv")
