namespace Strata.Sandbox.Tests;

public sealed class ImageUploadTests : IDisposable
{
    private readonly ImagePlace _place = new();
    private readonly ManualTime _time = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Uploads_are_bounded_for_one_owner_and_in_all_and_idle_ones_make_room()
    {
        using var uploads = new ImageUploads(_place.Directory, _place.Store, new ImageOptions { MaxUploads = 3, MaxUploadsOfOne = 2 }, _time);
        uploads.Write("alice", "a", 0, [1]);
        uploads.Write("alice", "b", 0, [1]);
        Assert.Equal("too_many_transfers", Assert.Throws<SandboxException>(() => uploads.Write("alice", "c", 0, [1])).Reason);
        uploads.Write("bob", "a", 0, [1]);
        Assert.Throws<SandboxException>(() => uploads.Write("bob", "b", 0, [1]));
        _time.Advance(ImageUploads.IdleTime);
        Assert.Equal(2, uploads.Write("alice", "a", 1, [1]));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, uploads.Write("bob", "b", 0, [1]));
        Assert.Equal("upload_not_found", Assert.Throws<SandboxException>(() => uploads.Take("alice", "b", 1)).Reason);
        Assert.Equal(3, uploads.Write("alice", "a", 2, [1]));
        Assert.Equal(2, Directory.GetFiles(Path.Combine(_place.Directory, "uploads")).Length);
    }
}
