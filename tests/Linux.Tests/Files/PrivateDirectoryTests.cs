namespace Strata.Linux.Tests.Files;

[Collection(nameof(ProcessWideState))]
public sealed class PrivateDirectoryTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData(0x3fu, 0x1c0)]
    [InlineData(0x3fu, 0x1ed)]
    [InlineData(0u, 0x1c0)]
    [InlineData(0u, 0x1ed)]
    public void A_new_directory_has_the_exact_mode_whatever_the_umask(uint umask, int mode)
    {
        // An umask that takes the owner's own bits leaves a directory that only root can open: not a case worth serving.
        uint before = Umask.Set(umask);
        try
        {
            using FileDescriptor directory = PrivateDirectory.Ensure(_temp["state"], mode);
            Assert.Equal(0, FileStatus.TryGet(directory.Number, out FileStatus status));
            Assert.Equal((FileKind.Directory, mode), (status.Kind, status.Mode));
        }
        finally
        {
            _ = Umask.Set(before);
        }
    }

    [Fact]
    public void An_existing_directory_is_taken_only_when_it_is_no_wider()
    {
        Directory.CreateDirectory(_temp["state"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        PrivateDirectory.Ensure(_temp["state"], 0x1c0).Dispose();
        PrivateDirectory.Ensure(_temp["state"] + "/", 0x1ed).Dispose();
        File.SetUnixFileMode(_temp["state"], (UnixFileMode)0x1e8);
        var error = Assert.Throws<UnsafeDirectoryException>(() => PrivateDirectory.Ensure(_temp["state"], 0x1c0));
        Assert.Contains("chmod 700", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_or_a_file_in_its_place_is_refused()
    {
        Directory.CreateDirectory(_temp["real"]);
        File.CreateSymbolicLink(_temp["link"], _temp["real"]);
        File.WriteAllText(_temp["file"], "");
        Assert.Throws<UnsafeDirectoryException>(() => PrivateDirectory.Ensure(_temp["link"], 0x1c0));
        Assert.Throws<UnsafeDirectoryException>(() => PrivateDirectory.Ensure(_temp["link"] + "/", 0x1c0));
        Assert.Throws<UnsafeDirectoryException>(() => PrivateDirectory.Ensure(_temp["file"], 0x1c0));
    }

    [Fact]
    public void Somebody_elses_directory_is_refused()
    {
        if (Environment.IsPrivilegedProcess)
        {
            Directory.CreateDirectory(_temp["foreign"]);
            Assert.Equal(0, Native.ChangeOwner(_temp["foreign"], 12345));
            Assert.Contains("12345", Assert.Throws<UnsafeDirectoryException>(() => PrivateDirectory.Ensure(_temp["foreign"], 0x1ff)).Message, StringComparison.Ordinal);
        }
        else
        {
            Assert.Throws<UnsafeDirectoryException>(() => PrivateDirectory.Ensure("/", 0x1ff));
        }
    }

    [Fact]
    public void A_missing_parent_is_said_by_errno() =>
        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => PrivateDirectory.Ensure(_temp["no/state"], 0x1c0)).Errno);

    [Fact]
    public void A_lock_excludes_others_until_it_is_released()
    {
        using FileDescriptor directory = PrivateDirectory.Ensure(_temp["run"], 0x1c0);
        FileLock? first = FileLock.TryAcquire(directory, "lock");
        Assert.NotNull(first);
        Assert.Null(FileLock.TryAcquire(directory, "lock"));
        Assert.Equal(Environment.ProcessId, FileLock.TryReadHolder(directory, "lock"));
        first.Dispose();
        using FileLock? second = FileLock.TryAcquire(directory, "lock");
        Assert.NotNull(second);
    }

    [Fact]
    public void A_link_is_not_locked()
    {
        using FileDescriptor directory = PrivateDirectory.Ensure(_temp["run"], 0x1c0);
        File.CreateSymbolicLink(_temp["run/lock"], _temp["elsewhere"]);
        Assert.Equal(Errno.ELOOP, Assert.Throws<LinuxException>(() => FileLock.TryAcquire(directory, "lock")).Errno);
        Assert.Null(FileLock.TryReadHolder(directory, "lock"));
    }
}
