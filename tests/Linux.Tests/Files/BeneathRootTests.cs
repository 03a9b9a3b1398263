using System.Diagnostics;
using System.Text;

namespace Strata.Linux.Tests.Files;

[Collection(nameof(ProcessWideState))]
public sealed class BeneathRootTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly BeneathRoot _root;

    public BeneathRootTests()
    {
        Directory.CreateDirectory(_temp["inside/sub"]);
        File.WriteAllText(_temp["secret"], "SECRET");
        File.WriteAllText(_temp["inside/file"], "hello");
        File.WriteAllText(_temp["inside/sub/deep"], "deep");
        _root = BeneathRoot.Open(_temp["inside"]);
    }

    public void Dispose()
    {
        _root.Dispose();
        _temp.Dispose();
    }

    [Theory]
    [InlineData("file", "hello")]
    [InlineData("sub/deep", "deep")]
    [InlineData("./sub/../file", "hello")]
    [InlineData("sub//deep", "deep")]
    public void Files_beneath_are_opened(string path, string content) => Assert.Equal(content, Read(path));

    [Theory]
    [InlineData("../secret")]
    [InlineData("sub/../../secret")]
    [InlineData("sub/../../inside/file")]
    [InlineData("/etc/passwd")]
    [InlineData("/")]
    [InlineData("..")]
    public void Paths_that_lead_out_answer_EXDEV(string path)
    {
        Assert.Equal(-Errno.EXDEV, Open(path));
        Assert.Equal(-Errno.EXDEV, _root.TryOpenDirectory(Encoding.UTF8.GetBytes(path), out _));
        Assert.Equal(-Errno.EXDEV, _root.TryGetStatus(Encoding.UTF8.GetBytes(path), out _));
    }

    [Fact]
    public void Links_are_followed_only_while_they_stay_beneath()
    {
        Link("inside", "sub/deep");
        Link("sub/up", "../file");
        Link("absolute", _temp["secret"]);
        Link("relative", "../secret");
        Link("absoluteInside", _temp["inside/file"]);
        Link("directory", "..");
        Link("reenter", "../inside/file");
        Link("loop", "loop");
        Assert.Equal("deep", Read("inside"));
        Assert.Equal("hello", Read("sub/up"));
        Assert.All(
            ["absolute", "relative", "absoluteInside", "directory/secret", "reenter"],
            path => Assert.Equal(-Errno.EXDEV, Open(path)));
        Assert.Equal(-Errno.ELOOP, Open("loop"));
    }

    [Fact]
    public void Magic_links_are_not_followed()
    {
        using var proc = BeneathRoot.Open("/proc/self");
        Assert.Equal(-Errno.ELOOP, proc.TryOpenFile("root/etc/passwd"u8, out _));
        Assert.Equal(-Errno.ELOOP, proc.TryOpenFile("exe"u8, out _));
        using var file = File.OpenRead(_temp["secret"]);
        int number = (int)file.SafeFileHandle.DangerousGetHandle();
        Assert.Equal(-Errno.ELOOP, proc.TryOpenFile(Encoding.ASCII.GetBytes($"fd/{number}"), out _));
    }

    [Fact]
    public void A_link_to_a_magic_link_leads_nowhere()
    {
        Link("magic", "/proc/self/root/etc/passwd");
        Assert.Equal(-Errno.EXDEV, Open("magic"));
    }

    [Fact]
    public void Special_files_and_directories_are_refused_at_once()
    {
        Assert.Equal(0, Native.MakeFifo(_temp["inside/fifo"]));
        using var listener = UnixListener.Bind(_temp["inside/sock"], 0x180);
        Assert.Equal(-Errno.EOPNOTSUPP, Open("fifo"));
        Assert.Equal(-Errno.EOPNOTSUPP, Open("sock"));
        Assert.Equal(-Errno.EISDIR, Open("sub"));
        Assert.Equal(-Errno.ENOTDIR, _root.TryOpenDirectory("file"u8, out _));
        Assert.Equal(-Errno.ENOTDIR, _root.TryOpenDirectory("fifo"u8, out _));
        using var devices = BeneathRoot.Open("/dev");
        Assert.Equal(-Errno.EOPNOTSUPP, devices.TryOpenFile("null"u8, out _));
        Assert.Equal(0, _root.TryGetStatus("fifo"u8, out FileStatus status));
        Assert.Equal(FileKind.Fifo, status.Kind);
    }

    [Fact]
    public void Refusing_a_FIFO_does_not_wake_its_writer()
    {
        Assert.Equal(0, Native.MakeFifo(_temp["inside/fifo"]));
        Assert.Equal(-Errno.EOPNOTSUPP, Open("fifo"));
        // A non-blocking writer gets ENXIO exactly when nobody has the FIFO open for reading.
        Assert.Equal(-Errno.ENXIO, Native.OpenWriteNonBlocking(_temp["inside/fifo"]));
    }

    [Fact]
    public void Malformed_paths_are_refused()
    {
        Assert.Equal(-Errno.EINVAL, Open("file\0.txt"));
        Assert.Equal(-Errno.ENOENT, Open(""));
        Assert.Equal(-Errno.ENOTDIR, Open("file/x"));
        string longest = string.Concat(Enumerable.Repeat("./", (BeneathRoot.MaxPathBytes - 5) / 2)) + "/file";
        Assert.Equal(BeneathRoot.MaxPathBytes, longest.Length);
        Assert.Equal("hello", Read(longest));
        Assert.Equal(-Errno.ENAMETOOLONG, Open("." + "/" + longest[1..]));
    }

    [Fact]
    public void A_narrower_root_confines_further()
    {
        using var narrow = _root.OpenRoot("sub"u8);
        Assert.Equal(-Errno.EXDEV, narrow.TryOpenFile("../file"u8, out _));
        int opened = narrow.TryOpenFile("deep"u8, out _);
        Assert.Equal(0, Descriptors.TryClose(opened));
        Assert.Equal(Errno.EXDEV, Assert.Throws<LinuxException>(() => _root.OpenRoot(".."u8)).Errno);
    }

    [Fact]
    public void The_root_follows_its_directory_through_a_rename()
    {
        Directory.Move(_temp["inside"], _temp["moved"]);
        Assert.Equal("hello", Read("file"));
    }

    [Fact]
    public void The_status_tells_size_kind_mode_and_time()
    {
        var modified = new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(_temp["inside/file"], modified);
        File.SetUnixFileMode(_temp["inside/file"], UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Equal(0, _root.TryGetStatus("file"u8, out FileStatus status));
        Assert.Equal((FileKind.Regular, 5L, 0x120), (status.Kind, status.SizeBytes, status.Mode));
        Assert.Equal(new DateTimeOffset(modified).ToUnixTimeSeconds() * 1_000_000_000, status.ModifiedUnixNs);
    }

    [Fact]
    public void Opening_and_refusing_leak_no_descriptor()
    {
        Link("out", "../secret");
        Assert.Equal(0, Native.MakeFifo(_temp["inside/fifo"]));
        string[] paths = ["file", "sub", "out", "fifo", "../x", "missing"];
        var numbers = new HashSet<int>();
        for (int round = 0; round < 200; round++)
        {
            foreach (string path in paths)
            {
                int opened = Open(path);
                if (opened >= 0)
                {
                    numbers.Add(opened);
                    _ = Descriptors.TryClose(opened);
                }
            }
        }

        // Numbers are given out lowest first: a leak would let them climb by hundreds.
        Assert.InRange(numbers.Count, 1, 100);
    }

    [Fact]
    public void A_race_that_swaps_directory_and_link_never_reads_the_secret()
    {
        Directory.CreateDirectory(_temp["outside"]);
        File.WriteAllText(_temp["outside/target"], "SECRET");
        Directory.CreateDirectory(_temp["inside/a"]);
        File.WriteAllText(_temp["inside/a/target"], "public");
        Link("b", _temp["outside"]);
        using var stop = new CancellationTokenSource();
        var swapper = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                _ = Native.Exchange(_temp["inside/a"], _temp["inside/b"]);
            }
        });
        swapper.Start();
        int opened = 0, refused = 0;
        long end = Stopwatch.GetTimestamp() + (2 * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < end)
        {
            int result = _root.TryOpenFile("a/target"u8, out _);
            if (result < 0)
            {
                Assert.Contains(-result, new[] { Errno.EXDEV, Errno.ENOENT, Errno.EAGAIN, Errno.ELOOP });
                refused++;
                continue;
            }

            Assert.Equal("public", ReadAndClose(result));
            opened++;
        }

        stop.Cancel();
        swapper.Join();
        Assert.True(opened > 0 && refused > 0, $"the race did not happen: {opened} opened, {refused} refused");
    }

    private static string ReadAndClose(int descriptor)
    {
        byte[] buffer = new byte[64];
        int read = FileContent.TryRead(descriptor, buffer, 0);
        _ = Descriptors.TryClose(descriptor);
        return Encoding.UTF8.GetString(buffer, 0, read);
    }

    private int Open(string path) => _root.TryOpenFile(Encoding.UTF8.GetBytes(path), out _);

    private string Read(string path)
    {
        int opened = Open(path);
        Assert.True(opened >= 0, Errno.Name(opened));
        Assert.Equal(1, Descriptors.TryGetCloseOnExec(opened));
        return ReadAndClose(opened);
    }

    private void Link(string name, string target) => File.CreateSymbolicLink(_temp["inside/" + name], target);
}
