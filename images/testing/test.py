"""Boots the images and walks through a node: images/test.sh says how."""
import argparse
import os
import subprocess
import tempfile

import limits
import node
import sandbox
from vm import Vm
from walk import Walk, expect

COMMAND_LINE = "rdinit=/init console=ttyS0 quiet panic=-1 systemd.mask=serial-getty@ttyS0.service systemd.mask=getty@tty1.service"
REVOKED_BEFORE_THE_CUT = 40
ISSUED = 400


def direct(options, disk):
    return ["-kernel", options.kernel, "-initrd", options.initrd, "-append", COMMAND_LINE, "-drive", f"file={disk},format=raw,if=virtio,cache=writethrough"]


def make_disk(path):
    with open(path, "wb") as disk:
        disk.truncate(256 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-L", "strata-state", "-m", "0", path], check=True)


def first_boot(walk, options, disk, logs):
    with Vm(logs, "first", direct(options, disk)) as vm:
        walk.vm = vm
        walk.check("the machine boots", vm.wait_for_shell)
        walk.check("unit active, three services Healthy", lambda: node.healthy(walk))
        walk.check("time of the boot", lambda: node.boot_time(walk))
        walk.check("state is on its disk", lambda: walk.run("findmnt -n -o SOURCE,TARGET /var/lib/strata /etc/strata /srv >/dev/null; mountpoint -q /var/lib/strata && mountpoint -q /etc/strata"))
        walk.check("smoke script", lambda: node.smoke(walk))
        walk.check("an unprivileged user is refused", lambda: node.stranger_is_refused(walk))
        walk.check("exposure of the unit at most 1.0", lambda: node.exposure(walk))
        walk.check("control groups are delegated", lambda: limits.delegated(walk))
        walk.check("limits of a manifest are the kernel's", lambda: limits.limits_are_set(walk))
        walk.check("limits outlive the supervisor", lambda: limits.limits_outlive_the_supervisor(walk))
        walk.check("a fork bomb is contained", lambda: limits.fork_bomb_is_contained(walk))
        walk.check("a memory hog is killed alone", lambda: limits.memory_hog_is_killed(walk))
        walk.check("Landlock and seccomp deny what else succeeds", lambda: limits.confined(walk))
        walk.check("services live on when the supervisor is killed", lambda: node.supervisor_killed(walk))
        walk.check("a restart of the unit ends and starts all services", lambda: node.restarted(walk))
        walk.check("a full disk refuses changes and nothing else", lambda: node.disk_full(walk))
        if options.next:
            walk.check("upgraded by the next package while services serve", lambda: node.upgraded(walk, options.next_version))
            walk.check("state of a later form is refused, by package and supervisor", lambda: node.newer_state_is_refused(walk))
        walk.check("capabilities are issued", lambda: walk.run(f"perl /root/strata-test/capabilities.pl issue {ISSUED} /srv/issued && sync -f /srv/issued"))
        walk.run("cp /root/kept.token /root/revoked.token /srv/ 2>/dev/null; sync -f /srv")
        lines = vm.lines_until_cut("perl /root/strata-test/capabilities.pl revoke /srv/issued 0", REVOKED_BEFORE_THE_CUT)
        return sum(line.startswith("acknowledged ") for line in lines)


def power_cut(walk, acknowledged):
    expect(acknowledged >= REVOKED_BEFORE_THE_CUT, f"only {acknowledged} revocations were acknowledged before the cut")
    rows = [line.split(" ", 1) for line in walk.run("perl /root/strata-test/capabilities.pl try /srv/issued").splitlines()]
    expect(len(rows) == ISSUED, f"{len(rows)} capabilities were tried")
    lost = [number for number, outcome in rows[:acknowledged] if outcome != "revoked"]
    expect(not lost, f"revocations were acknowledged and lost: {lost}")
    # One may have been on disk and not yet acknowledged.
    wrong = [row for row in rows[acknowledged + 1:] if row[1] != "allowed"]
    expect(not wrong, f"capabilities are void that nobody revoked: {wrong}")
    return f"{acknowledged} acknowledged, none lost"


def kept(walk, options):
    walk.run("strata-ctl --token-file /srv/kept.token fs stat /srv")
    if options.next:
        walk.refused("strata-ctl --token-file /srv/revoked.token fs stat /srv", "revoked")
    walk.run("strata-ctl audit verify")


def second_boot(walk, options, disk, logs, acknowledged):
    with Vm(logs, "second", direct(options, disk)) as vm:
        walk.vm = vm
        walk.check("the machine boots after a power cut", vm.wait_for_shell)
        walk.check("three services Healthy", lambda: node.healthy(walk))
        walk.check("no acknowledged revocation was lost", lambda: power_cut(walk, acknowledged))
        walk.check("capabilities and audit are kept", lambda: kept(walk, options))
        walk.check("sandboxes are allowed by the documented step", lambda: sandbox.allowed(walk))
        walk.check("sandbox doctor finds what sandboxes need", lambda: sandbox.doctor(walk))
        walk.check("the sandbox service is confined", lambda: sandbox.confined(walk))
        walk.check("a sandbox whose limits control groups hold", lambda: sandbox.made(walk))
        walk.check("a memory hog inside is killed alone", lambda: sandbox.hog_is_killed(walk))
        walk.check("a fork bomb inside is bounded", lambda: sandbox.bomb_is_bounded(walk))
        walk.check("sandboxes live on when the supervisor is killed", lambda: sandbox.supervisor_killed(walk))
        walk.check("kill -9 of the service leaves nothing, and the session comes back", lambda: sandbox.service_killed(walk))
        walk.check("a group that cannot be divided is told", lambda: sandbox.undivided(walk))
        walk.run(sandbox.BOX + "start box -- sleep 7004")
        vm.shell.sendall(b"systemctl reboot\n")
        walk.check("the machine reboots", vm.wait_for_end)


def third_boot(walk, options, disk, logs):
    with Vm(logs, "third", direct(options, disk)) as vm:
        walk.vm = vm
        walk.check("the machine boots after a reboot", vm.wait_for_shell)
        walk.check("three services Healthy", lambda: node.healthy(walk))
        walk.check("state is kept", lambda: kept(walk, options))
        walk.check("sandboxes come back after the reboot, what ran in them does not", lambda: sandbox.comes_back(walk))
        walk.check("a closed sandbox and a stopped node leave nothing", lambda: sandbox.nothing_is_left(walk))


def medium(walk, logs, name, arguments):
    with Vm(logs, name, arguments, console_shell=True) as vm:
        walk.vm = vm
        walk.check(f"{name}: boots to a shell on its console", vm.wait_for_shell)
        walk.check(f"{name}: three services Healthy", lambda: node.healthy(walk))
        walk.check(f"{name}: time of the boot", lambda: node.boot_time(walk))
        if name == "qcow2":
            walk.check("qcow2: state is on its partition", lambda: walk.run("mountpoint -q /var/lib/strata"))


def firmware(logs):
    """A UEFI firmware of its own for the machine, or None."""
    code, variables = "/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"
    if not os.path.exists(code):
        return None
    own = os.path.join(logs, "vars.fd")
    with open(variables, "rb") as source, open(own, "wb") as target:
        target.write(source.read())
    return ["-drive", f"if=pflash,format=raw,readonly=on,file={code}", "-drive", f"if=pflash,format=raw,file={own}"]


def main():
    parser = argparse.ArgumentParser()
    for name in ("kernel", "initrd", "iso", "qcow2", "next", "next-version"):
        parser.add_argument("--" + name)
    parser.add_argument("--logs", required=True)
    options = parser.parse_args()
    walk = Walk()
    with tempfile.TemporaryDirectory() as work:
        disk = os.path.join(work, "state.img")
        make_disk(disk)
        acknowledged = first_boot(walk, options, disk, options.logs)
        second_boot(walk, options, disk, options.logs, acknowledged)
        third_boot(walk, options, disk, options.logs)
        walk.tell_time("by direct boot")
        if options.iso:
            medium(walk, options.logs, "iso-bios", ["-cdrom", options.iso])
            uefi = firmware(options.logs)
            if uefi:
                medium(walk, options.logs, "iso-uefi", [*uefi, "-cdrom", options.iso])
        if options.qcow2:
            overlay = os.path.join(work, "disk.qcow2")
            subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", os.path.abspath(options.qcow2), overlay], check=True)
            medium(walk, options.logs, "qcow2", ["-drive", f"file={overlay},format=qcow2,if=virtio"])
    raise SystemExit(walk.verdict())


if __name__ == "__main__":
    main()
