using System.Diagnostics;
using System.Text;

namespace Strata.Linux.Tests.Files;

[Collection(nameof(ProcessWideState))]
public sealed class KeptOutTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly KeptOut _keptOut;
    private readonly BeneathRoot _root;

    public KeptOutTests()
    {
        Directory.CreateDirectory(_temp["node/state/keys"]);
        Directory.CreateDirectory(_temp["node/data"]);
        File.WriteAllText(_temp["node/state/keys/key"], "SECRET");
        File.WriteAllText(_temp["node/state/top"], "SECRET");
        File.WriteAllText(_temp["node/data/file"], "open");
        File.WriteAllText(_temp["node/record"], "SECRET");
        _keptOut = new KeptOut([_temp["node/state"], _temp["node/later"], _temp["node/record"]]);
        _root = BeneathRoot.Open(_temp[""], _keptOut);
    }

    public void Dispose()
    {
        _root.Dispose();
        _temp.Dispose();
    }

    [Theory]
    [InlineData("node/state")]
    [InlineData("node/state/top")]
    [InlineData("node/state/keys")]
    [InlineData("node/record")]
    [InlineData("node/state/keys/key")]
    [InlineData("node/data/../state/keys/key")]
    [InlineData("node/state/keys/no-such-key")]
    [InlineData("node/state/top/no/such/key")]
    [InlineData("node/state/no-such-directory/key")]
    public void What_is_kept_out_is_neither_opened_listed_nor_told_of(string path) => Assert.Equal([KeptOut.Refused, KeptOut.Refused, KeptOut.Refused], All(path));

    [Theory]
    [InlineData("node")]
    [InlineData("node/data")]
    public void What_holds_or_neighbours_it_is_open(string path) => Assert.All(All(path)[1..], result => Assert.True(result >= 0));

    [Fact]
    public void A_file_beside_it_is_open_and_a_missing_one_is_missing()
    {
        Assert.True(All("node/data/file")[0] >= 0);
        Assert.Equal([-Errno.ENOENT, -Errno.ENOENT, -Errno.ENOENT], All("node/data/missing"));
        Assert.Equal([-Errno.ENOENT, -Errno.ENOENT, -Errno.ENOENT], All("missing"));
    }

    [Fact]
    public void Links_do_not_lead_there()
    {
        File.CreateSymbolicLink(_temp["node/data/link"], "../state/keys/key");
        File.CreateSymbolicLink(_temp["node/data/dir"], "../state");
        Assert.Equal([KeptOut.Refused, KeptOut.Refused, KeptOut.Refused], All("node/data/dir/keys/key"));
        Assert.Equal([KeptOut.Refused, KeptOut.Refused, KeptOut.Refused], All("node/data/link"));
        Assert.Equal([KeptOut.Refused, KeptOut.Refused, KeptOut.Refused], All("node/data/dir/none"));
    }

    [Fact]
    public void A_further_name_of_a_file_does_not_open_it_but_one_of_another_file_does()
    {
        Shell($"ln {_temp["node/state/keys/key"]} {_temp["node/data/hard"]} && ln {_temp["node/data/file"]} {_temp["node/data/other"]}");
        Assert.Equal(KeptOut.Refused, All("node/data/hard")[0]);
        Assert.True(All("node/data/other")[0] >= 0);
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(4, true)]
    public void Beyond_the_entries_that_are_looked_through_a_further_name_is_refused(int entries, bool refused)
    {
        // Of the state there are: keys, key, top.
        File.WriteAllText(_temp[entries == 4 ? "node/state/fourth" : "node/data/fourth"], "");
        Shell($"ln {_temp["node/data/file"]} {_temp["node/data/other"]}");
        using var root = BeneathRoot.Open(_temp["node"], new KeptOut([_temp["node/state"]]) { Looks = 3 });
        Assert.Equal(refused, All("data/other", root)[0] == KeptOut.Refused);
    }

    [Theory]
    [InlineData("node/state/keys", "key")]
    [InlineData("node/state", "keys/key")]
    public void A_root_in_it_opens_nothing(string root, string path)
    {
        foreach (var way in new[] { _temp[root], $"/proc/self/root{_temp[root]}", $"/proc/{Environment.ProcessId}/root{_temp[root]}", $"/proc/thread-self/root{_temp[root]}" })
        {
            using var inner = BeneathRoot.Open(way, _keptOut);
            Assert.Equal([KeptOut.Refused, KeptOut.Refused, KeptOut.Refused], All(path, inner));
            Assert.Equal(KeptOut.Refused, inner.TryOpenDirectory("."u8, out _));
        }
    }

    [Fact]
    public void A_root_by_an_open_descriptor_opens_nothing()
    {
        using var held = BeneathRoot.Open(_temp["node/state/keys"]);
        using var inner = BeneathRoot.Open($"/proc/self/fd/{held.Handle.Number}", _keptOut);
        Assert.Equal([KeptOut.Refused, KeptOut.Refused, KeptOut.Refused], All("key", inner));
        using var narrower = BeneathRoot.Open(_temp["node"], _keptOut).OpenRoot("state"u8);
        Assert.Equal(KeptOut.Refused, All("keys/key", narrower)[0]);
    }

    [Fact]
    public void A_mount_elsewhere_of_a_part_of_it_opens_nothing()
    {
        Assert.SkipUnless(UserId.Effective == 0, "only root mounts");
        Directory.CreateDirectory(_temp["node/data/mounted"]);
        File.WriteAllText(_temp["node/data/one"], "");
        try
        {
            Shell($"mount --bind {_temp["node/state/keys"]} {_temp["node/data/mounted"]} && mount --bind {_temp["node/state/top"]} {_temp["node/data/one"]}");
            Assert.Equal([KeptOut.Refused, KeptOut.Refused, KeptOut.Refused], All("node/data/mounted/key"));
            Assert.Equal(KeptOut.Refused, All("node/data/mounted")[1]);
            Assert.Equal(KeptOut.Refused, All("node/data/one")[0]);
            Assert.True(All("node/data/file")[0] >= 0);
        }
        finally
        {
            Shell($"umount {_temp["node/data/mounted"]} {_temp["node/data/one"]} 2>/dev/null; true");
        }
    }

    [Fact]
    public void A_directory_that_is_made_or_put_in_its_place_later_is_kept_out()
    {
        Directory.CreateDirectory(_temp["node/later"]);
        File.WriteAllText(_temp["node/later/file"], "SECRET");
        Assert.Equal(KeptOut.Refused, All("node/later/file")[0]);
        Directory.Move(_temp["node/state"], _temp["node/old"]);
        Directory.CreateDirectory(_temp["node/state"]);
        File.WriteAllText(_temp["node/state/new"], "SECRET");
        Assert.Equal(KeptOut.Refused, All("node/state/new")[0]);
    }

    [Theory]
    [InlineData("self/mem")]
    [InlineData("self/environ")]
    [InlineData("self/task")]
    [InlineData("thread-self/maps")]
    [InlineData("1/cmdline")]
    public void What_the_system_has_of_single_processes_is_kept_out_and_the_rest_is_open(string path)
    {
        using var proc = BeneathRoot.Open("/proc", _keptOut);
        Assert.Equal([KeptOut.Refused, KeptOut.Refused, KeptOut.Refused], All(path, proc));
        Assert.True(All("sys/kernel/ostype", proc)[0] >= 0);
        Assert.True(All("meminfo", proc)[0] >= 0);
        using var self = BeneathRoot.Open("/proc/self", _keptOut);
        Assert.Equal(KeptOut.Refused, All("mem", self)[0]);
    }

    [Fact]
    public async Task A_file_whose_name_moves_all_the_time_is_never_opened_in_its_place()
    {
        using var stop = new CancellationTokenSource();
        var data = _temp["node/data/"];
        File.CreateSymbolicLink(data + "a", "file");
        File.CreateSymbolicLink(data + "b", "../state/keys/key");
        var mover = Task.Run(() =>
        {
            for (var i = 0; !stop.IsCancellationRequested && i < 1_000_000; i++)
            {
                File.Move(data + "a", data + "c");
                File.Move(data + "b", data + "a");
                File.Move(data + "c", data + "b");
            }
        });
        for (var i = 0; i < 5_000; i++)
        {
            var opened = _root.TryOpenFile("node/data/a"u8, out _);
            if (opened >= 0)
            {
                using var file = new FileDescriptor(opened);
                var content = new byte[8];
                Assert.Equal("open", Encoding.UTF8.GetString(content, 0, Descriptors.TryRead(file.Number, content)));
            }
        }

        await stop.CancelAsync();
        await mover;
    }

    [Fact]
    public void Without_directories_nothing_is_kept_out()
    {
        using var root = BeneathRoot.Open(_temp["node/state"]);
        Assert.True(All("keys/key", root)[0] >= 0);
    }

    /// <summary>What opening as a file, opening as a directory and asking for the status answer; a descriptor is closed.</summary>
    private int[] All(string path, BeneathRoot? root = null)
    {
        root ??= _root;
        var raw = Encoding.UTF8.GetBytes(path);
        return [Closed(root.TryOpenFile(raw, out _)), Closed(root.TryOpenDirectory(raw, out _)), root.TryGetStatus(raw, out _)];
    }

    private static int Closed(int opened)
    {
        if (opened >= 0)
        {
            new FileDescriptor(opened).Dispose();
        }

        return opened;
    }

    private static void Shell(string script)
    {
        using var shell = Process.Start("/bin/sh", ["-c", script]);
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }
}
