using Strata.StrataCtl.Doctor;
using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Doctor;

public sealed class DoctorTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("sctl-doctor-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(0x1C0, "Ok")]
    [InlineData(0x1E8, "Fail")]
    [InlineData(0x1C4, "Fail")]
    public void The_state_directory_is_for_its_owner_alone(int mode, string verdict)
    {
        File.SetUnixFileMode(_root, (UnixFileMode)mode);
        var finding = DirectoryChecks.State(_root);
        Assert.Equal(verdict, finding.Verdict.ToString());
        Assert.Equal(verdict == "Ok", finding.Fix is null);
    }

    [Fact]
    public void A_runtime_directory_that_others_can_write_to_fails()
    {
        Assert.Equal(Verdict.Ok, Assert.Single(DirectoryChecks.Runtime(_root)).Verdict);
        File.SetUnixFileMode(_root, (UnixFileMode)0x1FF);
        var finding = Assert.Single(DirectoryChecks.Runtime(_root));
        Assert.Equal((Verdict.Fail, $"chmod go-w {_root}"), (finding.Verdict, finding.Fix));
    }

    [Fact]
    public void A_directory_whose_sockets_have_too_long_paths_fails_at_one_byte_too_many()
    {
        var room = DirectoryChecks.MaxSocketPathBytes - _root.Length - 2 - "supervisor.sock".Length;
        Assert.Single(DirectoryChecks.Runtime(Directory.CreateDirectory(Path.Join(_root, new string('d', room))).FullName));
        Assert.Equal(2, DirectoryChecks.Runtime(Directory.CreateDirectory(Path.Join(_root, new string('d', room + 1))).FullName).Count());
    }

    [Theory]
    [InlineData("2026-06-01T00:00:00Z", null, "Ok")]
    [InlineData("1970-01-01T00:00:05Z", null, "Fail")]
    [InlineData("2105-01-01T00:00:00Z", null, "Fail")]
    [InlineData("2026-06-01T00:00:00Z", "2026-06-01T00:01:00Z", "Ok")]
    [InlineData("2026-06-01T00:00:00Z", "2026-06-01T00:01:01Z", "Warn")]
    public void A_clock_that_cannot_be_right_is_noticed(string now, string? written, string verdict) => Assert.Equal(
        verdict, HostChecks.Clock(DateTimeOffset.Parse(now), written is null ? null : DateTimeOffset.Parse(written)).Verdict.ToString());

    [Fact]
    public void The_kernel_is_read_from_proc_and_sys()
    {
        Put("proc/sys/kernel/osrelease", "6.1.0\n");
        Put("proc/sys/kernel/seccomp/actions_avail", "kill_process errno allow\n");
        Put("sys/kernel/security/lsm", "lockdown,landlock\n");
        Put("sys/fs/cgroup/cgroup.controllers", "cpu io memory pids\n");
        Assert.All(new KernelChecks(_root, 4).All(), f => Assert.Equal(Verdict.Ok, f.Verdict));
    }

    [Fact]
    public void A_bare_kernel_gets_a_warning_and_a_fix_each()
    {
        Put("sys/fs/cgroup/cgroup.controllers", "cpu\n");
        var findings = new KernelChecks(_root, null).All().ToArray();
        Assert.All(findings, f => Assert.True(f is { Verdict: Verdict.Warn, Fix.Length: > 0 }));
        Assert.Contains("without memory, pids", findings[^1].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Control_groups_of_version_1_do_when_every_controller_is_there()
    {
        Put("sys/fs/cgroup/cpu/tasks", "");
        Put("sys/fs/cgroup/memory/tasks", "");
        Assert.Contains("without pids", new KernelChecks(_root, 4).All().Last().Detail, StringComparison.Ordinal);

        Put("sys/fs/cgroup/pids/tasks", "");
        Assert.Equal(Verdict.Ok, new KernelChecks(_root, 4).All().Last().Verdict);
    }

    [Fact]
    public void A_missing_library_names_its_package() => Assert.Contains("libsodium23", HostChecks.Sodium(null).Fix, StringComparison.Ordinal);

    [Fact]
    public async Task A_good_node_passes_and_an_impostor_fails()
    {
        string[] services = ["supervisor", "registry", "identity", "fs"];
        await using var node = new FakeNode(services);
        Array.ForEach(services, s => node.On($"{s}.ping", $$"""{"service":"{{s}}","pid":1}"""));
        node.On("supervisor.status", $$"""{"node_id":"n","uptime_sec":1,"version":"{{Contracts.StrataVersion.Current}}"}""").On("supervisor.svc.list", """{"services":[{"name":"fs","state":"Healthy","pid":1}]}""");
        Directory.CreateDirectory(Path.Join(node.Directory, "state"), (UnixFileMode)0x1C0);
        var run = await CtlRun.Of(node, "doctor", "--json");
        Assert.Equal("", string.Join('\n', run.Json.GetProperty("checks").EnumerateArray().Where(c => c.GetProperty("verdict").GetString() == "fail")));
        Assert.Equal(0, run.Code);

        node.On("fs.ping", """{"service":"thief","pid":1}""");
        var bad = await CtlRun.Of(node, "doctor");
        Assert.Equal(1, bad.Code);
        Assert.Matches("(?m)^fail  fs socket +thief answers in place of fs\n +fix: ", bad.Output);
    }

    [Theory]
    [InlineData(null, "Ok", "1, not said yet: the next start of the node writes format.json")]
    [InlineData("{\"format\":1,\"written_by\":\"0.0.1\"}", "Ok", "1, written by Strata 0.0.1")]
    [InlineData("{\"format\":2,\"written_by\":\"9.8.7\"}", "Fail", "has format 2, written by Strata 9.8.7; this is Strata ")]
    [InlineData("{\"form", "Fail", "is not JSON, or not whole")]
    [InlineData("", "Fail", "is empty")]
    [InlineData("link", "Fail", "is no regular file")]
    [InlineData("directory", "Fail", "is no regular file")]
    public void The_format_of_the_state_is_told(string? content, string verdict, string detail)
    {
        var file = Path.Join(_root, "format.json");
        switch (content)
        {
            case null: break;
            case "link": File.CreateSymbolicLink(file, "/nowhere"); break;
            case "directory": Directory.CreateDirectory(file); break;
            default: File.WriteAllText(file, content); break;
        }

        var finding = Assert.Single(FormatCheck.Of(_root));
        Assert.Equal(verdict, finding.Verdict.ToString());
        Assert.Contains(detail, finding.Detail, StringComparison.Ordinal);
        Assert.Empty(FormatCheck.Of(Path.Join(_root, "nowhere")));
    }

    private void Put(string path, string text)
    {
        var full = Path.Join(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
