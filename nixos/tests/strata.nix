# A machine with a node: the tour of README.md, crashes, a reboot, and a switch to another configuration and back.
{ module }:
{
  name = "strata";

  nodes.machine =
    { pkgs, ... }:
    let
      # A service in a language that has nothing of Strata's: it says that it is ready, and waits.
      sleeper = pkgs.writeShellApplication {
        name = "sleeper";
        runtimeInputs = [ pkgs.coreutils ];
        text = "exec sleep infinity";
      };
    in
    {
      imports = [ module ];

      services.strata = {
        enable = true;
        operators = [ "alice" ];
        roots.tour.path = "/srv/tour";
        templates.reader = {
          service = "fs";
          rights = [
            "fs.open"
            "fs.read"
          ];
          path_prefix = "tour:";
          ttl_seconds = 600;
        };
        services.sleeper = {
          package = sleeper;
          limits = {
            memory = "64M";
            pids = 8;
          };
          manifest = {
            socket = null;
            readiness.method = "none";
          };
        };
      };
      systemd.tmpfiles.rules = [
        "d /srv/tour 0755 root root -"
        "f /srv/tour/hello.txt 0644 root root - Hello from Strata."
      ];
      users.users.alice = {
        isNormalUser = true;
        uid = 1000;
      };
      users.users.bob = {
        isNormalUser = true;
        uid = 1001;
      };

      # A root of its own, for the image of the machine's own /usr has none here.
      environment.etc."box.tar".source = pkgs.runCommand "box.tar" { } ''
        mkdir -p root/bin
        cp ${pkgs.pkgsStatic.busybox}/bin/busybox root/bin/
        for name in sh cat id; do ln -s busybox root/bin/$name; done
        tar --sort=name --owner=0 --group=0 --mtime=@1 -C root -cf $out .
      '';

      # Machines of tests cannot be switched unless they say so.
      system.switch.enable = true;
      specialisation.second.configuration.services.strata = {
        settings.STRATA_AUDIT_READS = "all";
        sandbox.enable = true;
        services.second = {
          package = sleeper;
          manifest = {
            socket = null;
            readiness.method = "none";
          };
        };
      };
    };

  testScript =
    { nodes, ... }:
    ''
      def ctl(arguments, user="root"):
          return machine.succeed(f"su - {user} -c 'strata-ctl {arguments}'").strip()

      def refused(arguments, reason, user="root"):
          said = machine.fail(f"su - {user} -c 'strata-ctl {arguments}' 2>&1")
          assert reason in said, f"{arguments}: expected {reason}, not {said}"

      def issue(subject):
          return ctl(f"token issue --service fs --rights fs.open,fs.read,fs.list --prefix tour: --ttl 12h --subject {subject} -q")

      def supervisor():
          return machine.succeed("systemctl show -P MainPID strata.service").strip()

      def pid_of(service):
          return machine.succeed(f"strata-ctl {service}.ping | sed -n 's/.*\"pid\": \\([0-9]*\\).*/\\1/p'").strip()

      def healthy():
          machine.wait_for_unit("strata.service")
          ctl("status --wait 60s")

      def state_was_kept():
          assert ctl(f"fs cat hello.txt --token {kept}") == "Hello from Strata."
          refused(f"fs cat hello.txt --token {taken}", "revoked")

      machine.start()

      with subtest("The node is up when its unit is"):
          healthy()
          for service in ["registry", "identity", "fs", "sleeper"]:
              assert service in ctl("status")

      with subtest("Nothing is allowed until somebody allows it"):
          refused("fs cat hello.txt", "missing_token")
          refused("token issue --service fs --rights fs.open --prefix tour: --ttl 1h", "UNAUTHENTICATED", user="bob")

      with subtest("A capability reads one folder, and its holder hands on less of it"):
          kept = issue("you")
          assert "hello.txt" in ctl(f"fs ls --token {kept}", user="bob")
          refused(f"fs cat ../secret --token {kept}", "path_outside_prefix")
          refused(f"fs stat hello.txt --token {kept}", "right_missing")
          agent = ctl(f"token attenuate --rights fs.open,fs.read --ttl 10m --subject agent -q --token {kept}", user="bob")
          assert ctl(f"fs cat hello.txt --token {agent}", user="bob") == "Hello from Strata."
          refused(f"fs ls --token {agent}", "right_missing", user="bob")

      with subtest("An operator acts by who she is, and templates are filled in"):
          from_template = ctl("token issue --template reader --subject agent-7 -q", user="alice")
          assert ctl(f"fs cat hello.txt --token {from_template}", user="bob") == "Hello from Strata."

      with subtest("A revocation is in force when the command returns"):
          taken = issue("gone")
          ctl(f"token revoke {taken}", user="alice")
          refused(f"fs cat hello.txt --token {taken}", "revoked", user="bob")

      with subtest("A service that dies comes back behind the same socket"):
          before = pid_of("fs")
          machine.succeed(f"kill -9 {before}")
          assert ctl(f"fs cat hello.txt --token {kept}") == "Hello from Strata."
          ctl("status --wait 60s")
          assert pid_of("fs") != before

      with subtest("Services outlive a supervisor that is killed"):
          identity, killed = pid_of("identity"), supervisor()
          machine.succeed(f"kill -9 {killed}")
          machine.wait_until_succeeds(f"test \"$(systemctl show -P MainPID strata.service)\" -gt 0 -a \"$(systemctl show -P MainPID strata.service)\" != {killed}")
          healthy()
          assert pid_of("identity") == identity
          state_was_kept()

      with subtest("The unit is as hardened as the manual says"):
          exposure = machine.succeed("systemd-analyze security strata.service | sed -n 's/.*Overall exposure level.*: \\([0-9.]*\\).*/\\1/p'").strip()
          assert float(exposure) <= 1.0, exposure
          assert "cgroup2" in ctl("svc list --wide")

      with subtest("A switch to another configuration brings its service and keeps tokens and revocations"):
          machine.succeed("${nodes.machine.system.build.toplevel}/specialisation/second/bin/switch-to-configuration test >&2")
          healthy()
          machine.wait_until_succeeds("strata-ctl status | grep -q second")
          state_was_kept()

      with subtest("That configuration has sandboxes, whose limits control groups hold"):
          rights = "sandbox.create,sandbox.exec,sandbox.image,sandbox.image_manage"
          box = ctl(f"token issue --service sandbox --rights {rights} --ttl 12h --subject you -q")
          assert "sandboxes can be made" in ctl("sandbox doctor")
          ctl(f"sandbox image import /etc/box.tar box --token {box}", user="bob")
          assert "cgroup2" in ctl(f"sandbox create work --image box --memory 64M --pids 16 --require-limits --token {box}", user="bob")
          assert "uid=1000" in ctl(f"sandbox exec work --token {box} -- /bin/sh -c id", user="bob")
          refused(f"sandbox exec work --token {box} -- /bin/sh -c \"cat /var/lib/strata/format.json\"", "No such file", user="bob")
          ctl(f"sandbox close work --token {box}", user="bob")

      with subtest("So does the way back"):
          machine.succeed("${nodes.machine.system.build.toplevel}/bin/switch-to-configuration test >&2")
          healthy()
          machine.wait_until_fails("strata-ctl status | grep -q second")
          state_was_kept()

      with subtest("So does a reboot"):
          machine.shutdown()
          machine.start()
          healthy()
          state_was_kept()

      with subtest("A stop leaves nothing running"):
          machine.succeed("systemctl stop strata.service")
          machine.fail("pgrep -u strata")
    '';
}
