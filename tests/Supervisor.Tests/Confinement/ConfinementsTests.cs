using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor.Tests.Confinement;

public sealed class ConfinementsTests
{
    private static readonly Accounts Known = new("root:x:0:0::/:/bin/sh\nweb:x:33:34::/:/bin/false\nbroken\n", "web:x:34:\nlog:x:4:a,b\n");

    [Fact]
    public void The_default_takes_privileges_and_capabilities_and_dangerous_calls_and_no_more()
    {
        var made = Confinements.Of(ConfinementPolicy.Default, () => throw new InvalidOperationException("looked"), ["/run/strata"])!;
        Assert.True(made.NoNewPrivileges);
        Assert.Empty(made.KeepCapabilities!);
        Assert.Equal(SeccompProfile.Default, made.Seccomp);
        Assert.Equal((null, null, false, false), (made.User, made.Files, made.NoNetwork, made.PrivateTmp));
        Assert.Null(Confinements.Of(null, () => Known, []));
    }

    [Fact]
    public void Every_field_of_a_manifest_reaches_the_kernel()
    {
        var made = Confinements.Of(
            new ConfinementPolicy
            {
                User = "web", NoNewPrivileges = false, KeepCapabilities = ["CAP_CHOWN"], Read = ["/r"], Write = ["/w"], Execute = ["/x"],
                Seccomp = SeccompMode.Strict, Processes = ProcessReach.Own, Network = NetworkAccess.None, PrivateTmp = true,
            },
            () => Known,
            ["/run/strata"])!;
        Assert.Equal((false, new ProcessUser(33, 34), SeccompProfile.Strict, true, true), (made.NoNewPrivileges, made.User!.Value, made.Seccomp, made.NoNetwork, made.PrivateTmp));
        Assert.Equal(["CAP_CHOWN", "/r", "/w", "/x", "/run/strata"], [.. made.KeepCapabilities!, .. made.Files!.Read, .. made.Files.Write, .. made.Files.Execute, .. made.KeptInTmp]);
        Assert.True(made.OwnProcesses);
        Assert.Equal(SeccompProfile.Namespaces, Confinements.Of(new ConfinementPolicy { Seccomp = SeccompMode.Namespaces }, () => Known, [])!.Seccomp);
        Assert.Equal(SeccompProfile.None, Confinements.Of(new ConfinementPolicy { Seccomp = SeccompMode.None }, () => Known, [])!.Seccomp);
    }

    [Fact]
    public void What_a_machine_lacks_is_left_out_for_the_built_in_services_alone_and_told()
    {
        var directories = new Dictionary<string, string> { [PathVariables.StateDir] = "/s", [PathVariables.RuntimeDir] = "/r", [PathVariables.ProgramDir] = "/p" };
        var (all, nothing) = (new MachineOffers(true, true, true), new MachineOffers(false, false, false));
        var identity = BuiltInManifests.Identity.Confinement;
        Assert.Equal(["/s/audit", "/s/identity", "/r/identity.pub"], Confinements.Here(identity, directories, "/p", all)!.Write);
        Assert.Empty(Confinements.Lacking(identity, all));
        Assert.Equal("paths, seccomp strict, no capabilities, no new privileges", Confinements.Words(Confinements.Here(identity, directories, "/p", all)));

        var wrapped = Confinements.Here(identity, directories, "/bin/strata", all)!;
        Assert.Equal((SeccompMode.Default, "/p /bin/strata"), (wrapped.Seccomp, string.Join(' ', wrapped.Execute)));
        var less = Confinements.Here(identity! with { KeepCapabilities = ["CAP_CHOWN"] }, directories, "/p", nothing)!;
        Assert.Equal((false, SeccompMode.None, true), (less.NamesPaths, less.Seccomp, less.KeepCapabilities.IsEmpty));
        Assert.Equal(["paths (no Landlock)", "system calls (no seccomp filters, or no libseccomp2)"], Confinements.Lacking(identity, nothing));
        Assert.Equal("no capabilities, no new privileges", Confinements.Words(less));

        var old = all with { Scopes = false };
        var reaching = Confinements.Here(BuiltInManifests.Sandbox.Confinement, directories, "/p", old)!;
        Assert.Equal((ProcessReach.All, "processes (no Landlock of version 6)"), (reaching.Processes, Assert.Single(Confinements.Lacking(BuiltInManifests.Sandbox.Confinement, old))));
        Assert.Equal("seccomp namespaces, 8 capabilities, no new privileges, own processes", Confinements.Words(Confinements.Here(BuiltInManifests.Sandbox.Confinement, directories, "/p", all with { Has = _ => true })));

        // The one that makes namespaces is kept from nothing it needs, wherever its program lies, and keeps the capabilities that there are.
        var sandbox = Confinements.Here(BuiltInManifests.Sandbox.Confinement, directories, "/bin/strata", all with { Has = name => name == "CAP_CHOWN" })!;
        Assert.Equal((false, SeccompMode.Namespaces, ProcessReach.Own, "CAP_CHOWN"), (sandbox.NamesPaths, sandbox.Seccomp, sandbox.Processes, Assert.Single(sandbox.KeepCapabilities)));
        Assert.Empty(Confinements.Here(BuiltInManifests.Sandbox.Confinement, directories, "/p", nothing)!.KeepCapabilities);

        var somebodys = new ConfinementPolicy { Read = ["$STRATA_STATE_DIR/x"], KeepCapabilities = ["CAP_CHOWN"] };
        var kept = Confinements.Here(somebodys, directories, "/p", nothing)!;
        Assert.Equal((SeccompMode.Default, "/s/x", "CAP_CHOWN"), (kept.Seccomp, Assert.Single(kept.Read), Assert.Single(kept.KeepCapabilities)));
        Assert.Empty(Confinements.Lacking(somebodys, nothing));
        Assert.Null(Confinements.Here(null, directories, "/p", all));
        Assert.Equal("none", Confinements.Words(null));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("proxy", false)]
    [InlineData("none,proxy, bridge", true)]
    [InlineData("bridged", false)]
    public void The_sandbox_service_has_a_say_in_the_machines_network_where_it_is_to_bridge_alone(string? networks, bool has)
    {
        var policy = BridgePowers.With(BuiltInManifests.Sandbox.Confinement, networks)!;
        Assert.Equal(has, policy.KeepCapabilities.Contains(BridgePowers.Capability));
        Assert.Equal(BuiltInManifests.Sandbox.Confinement!.KeepCapabilities.Length + (has ? 1 : 0), policy.KeepCapabilities.Length);
        Assert.Null(BridgePowers.With(null, networks));
    }

    [Fact]
    public void Roots_that_fs_serves_are_what_the_kernel_lets_it_reach_and_only_writable_ones_to_write()
    {
        var (fs, own) = (BuiltInManifests.Fs.Confinement!, new[] { ("state directory", "/var/lib/strata") });
        Assert.Equal(fs, ServedRoots.With(fs, null, own));
        Assert.Equal(fs, ServedRoots.With(fs, "no root", own));
        Assert.Equal(fs, ServedRoots.With(fs, "home:/var:rw", own));
        var served = ServedRoots.With(fs, "home:/srv/home:rw,docs:/srv/docs", own)!;
        Assert.Equal(["/srv/docs"], served.Read);
        Assert.Equal(["$STRATA_STATE_DIR/audit", "$STRATA_STATE_DIR/fs", "/srv/home"], served.Write);
        Assert.Equal(fs with { Read = served.Read, Write = served.Write }, served);
        var narrowed = ServedRoots.With(fs with { Read = ["/opt"] }, "docs:/srv/docs", own)!;
        Assert.Equal(["/opt", "/srv/docs"], narrowed.Read);
        Assert.Equal(fs.Write, narrowed.Write);
    }

    [Fact]
    public void Users_and_groups_are_found_by_name_and_by_number()
    {
        Assert.Equal(new ProcessUser(33, 4), Known.Of(new ConfinementPolicy { User = "web", Group = "log" }));
        Assert.Equal(new ProcessUser(33, 34), Known.Of(new ConfinementPolicy { User = "33" }));
        Assert.Equal(new ProcessUser(null, 4), Known.Of(new ConfinementPolicy { Group = "log" }));
        Assert.Equal(new ProcessUser(77, 78), Known.Of(new ConfinementPolicy { User = "77", Group = "78" }));
        Assert.Equal("confinement.user", Assert.Throws<ConfinementException>(() => Known.Of(new ConfinementPolicy { User = "nobody-here" })).Field);
        Assert.Equal("confinement.group", Assert.Throws<ConfinementException>(() => Known.Of(new ConfinementPolicy { Group = "nobody-here" })).Field);
        Assert.Equal("confinement.group", Assert.Throws<ConfinementException>(() => Known.Of(new ConfinementPolicy { User = "77" })).Field);
    }
}
