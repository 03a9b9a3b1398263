using System.Net;
using System.Text;
using Strata.Ipc;
using Strata.Tests;

namespace Strata.Sandbox.Tests;

/// <summary>Registries that fail, lie or lead elsewhere.</summary>
public sealed class BadRegistryTests : IDisposable
{
    private readonly ImagePlace _place = new();
    private readonly FakeRegistry _registry = new();
    private readonly byte[] _blob;
    private readonly Digest _layer;

    public BadRegistryTests()
    {
        var content = new byte[400_000];
        new Random(1).NextBytes(content);
        _registry.Layout.Layer(new TarMaker().Entry('0', "big", content: content).Done(), "application/vnd.oci.image.layer.v1.tar");
        _blob = _registry.Layout.Blobs.Values.Single();
        _layer = Digest.Of(_blob);
        _registry.Manifest = _registry.Layout.Manifest();
        _place.Reopen(new ImageOptions { Registries = RegistryList.Parse(_registry.Host) });
    }

    private string Part => Path.Combine(_place.Directory, "parts", _layer.Hex);

    public void Dispose()
    {
        _registry.Dispose();
        _place.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_download_that_breaks_off_goes_on_where_it_was_or_begins_anew(bool knowsRanges)
    {
        _registry.KnowsRanges = knowsRanges;
        var breaks = 2;
        _registry.Before = call =>
        {
            if (!IsLayer(call) || Interlocked.Decrement(ref breaks) < 0)
            {
                return false;
            }

            call.Response.ContentLength64 = _blob.Length;
            call.Response.OutputStream.Write(_blob.AsSpan(0, 150_000));
            call.Response.OutputStream.Flush();
            call.Response.Abort();
            return true;
        };
        var progress = new ImageProgress();
        await PullAsync(progress);
        Assert.Equal(_blob.Length, progress.Bytes);
        Assert.Contains(_registry.Asked, asked => asked.Range == "bytes=150000-");
    }

    [Fact]
    public async Task What_was_there_after_a_cancellation_is_not_fetched_again()
    {
        using var cancel = new CancellationTokenSource();
        _registry.Before = call =>
        {
            if (!IsLayer(call))
            {
                return false;
            }

            call.Response.ContentLength64 = _blob.Length;
            call.Response.OutputStream.Write(_blob.AsSpan(0, 100_000));
            call.Response.OutputStream.Flush();
            return true; // And never goes on.
        };
        var pull = PullAsync(new ImageProgress(), cancellation: cancel.Token);
        await Patience.UntilAsync(() => File.Exists(Part) && new FileInfo(Part).Length == 100_000);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pull.Soon());
        _registry.Before = _ => false;
        _place.Reopen();
        await PullAsync();
        Assert.Contains(_registry.Asked, asked => asked.Range == "bytes=100000-");
    }

    [Fact]
    public async Task A_part_that_was_damaged_meanwhile_is_fetched_anew()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Part)!, (UnixFileMode)0x1c0);
        File.WriteAllBytes(Part, new byte[1000]);
        await PullAsync();
        Assert.Equal(["bytes=1000-", null], _registry.Asked.Where(asked => asked.Path.EndsWith(_layer.Hex, StringComparison.Ordinal)).Select(asked => asked.Range));
    }

    [Fact]
    public async Task A_registry_that_is_down_for_a_moment_is_asked_again_and_one_that_stays_so_is_named()
    {
        var failures = 2;
        _registry.Before = call => Fail(call, 503, () => Interlocked.Decrement(ref failures) >= 0);
        await PullAsync();
        _registry.Before = call => Fail(call, 500, () => true);
        _place.Reopen(_place.Options with { MaxAttempts = 2 });
        _registry.Asked.Clear();
        var e = await Assert.ThrowsAsync<SandboxException>(() => PullAsync());
        Assert.Equal((ErrorCode.Unavailable, "registry_failed"), (e.Code, e.Reason));
        Assert.Equal(2, _registry.Asked.Count);
    }

    [Theory]
    [InlineData("manifests")]
    [InlineData("blobs")]
    public async Task What_is_not_what_its_digest_says_is_refused(string what)
    {
        _registry.Before = call =>
        {
            if (!call.Request.Url!.AbsolutePath.Contains(what, StringComparison.Ordinal))
            {
                return false;
            }

            var name = call.Request.Url.Segments[^1];
            var content = _registry.Layout.Blobs[name[7..]].ToArray();
            content[^3] ^= 1;
            FakeRegistry.Answer(call, 200, content);
            return true;
        };
        await Assert.ThrowsAsync<ArchiveException>(() => PullAsync(name: $"app@{_registry.Manifest}"));
        Assert.Empty(_place.Store.List());
    }

    [Fact]
    public async Task A_blob_that_is_longer_than_said_is_not_read_on()
    {
        _registry.Before = call =>
        {
            if (IsLayer(call))
            {
                FakeRegistry.Answer(call, 200, [.. _blob, 0]);
                return true;
            }

            return false;
        };
        Assert.Contains("more than", (await Assert.ThrowsAsync<ArchiveException>(() => PullAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manifest_as_long_as_may_be_and_a_byte_longer()
    {
        var most = _registry.Layout.Blobs.Values.Max(blob => blob == _blob ? 0 : blob.Length);
        _place.Reopen(_place.Options with { MaxDocumentBytes = most });
        await PullAsync();
        _place.Reopen(_place.Options with { MaxDocumentBytes = most - 1 });
        Assert.Contains("more than", (await Assert.ThrowsAsync<SandboxException>(() => PullAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_larger_than_may_be_is_refused_before_a_layer_is_asked_for()
    {
        _place.Reopen(_place.Options with { MaxPackedBytes = _blob.Length });
        _place.Reopen(_place.Options with { MaxPackedBytes = _blob.Length - 1 });
        await Assert.ThrowsAsync<ArchiveException>(() => PullAsync());
        _place.Reopen(_place.Options with { MaxPackedBytes = _blob.Length, MaxBytes = _blob.Length - 1 });
        Assert.Equal("image_store_full", (await Assert.ThrowsAsync<SandboxException>(() => PullAsync())).Reason);
        Assert.DoesNotContain(_registry.Asked, asked => asked.Path.EndsWith(_layer.Hex, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_is_fetched_with_the_operators_password_and_a_password_goes_nowhere_else()
    {
        var file = _place["login.json"];
        File.WriteAllText(file, "{\"auths\":{\"" + _registry.Host + "\":{\"auth\":\"dXNlcjpwYXNz\"}}}");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _place.Reopen(_place.Options with { CredentialsFile = file });
        _registry.Before = call =>
        {
            if (call.Request.Url!.AbsolutePath == "/token")
            {
                FakeRegistry.Answer(call, 200, """{"token":"t0ken"}"""u8.ToArray());
                return true;
            }

            if (call.Request.Headers["Authorization"] == "Bearer t0ken")
            {
                return false;
            }

            call.Response.Headers["WWW-Authenticate"] = $"Bearer realm=\"http://{_registry.Host}/token\",service=\"s\",scope=\"repository:app:pull,push\"";
            FakeRegistry.Answer(call, 401, []);
            return true;
        };
        await PullAsync();
        Assert.Equal("Basic dXNlcjpwYXNz", Assert.Single(_registry.Asked, asked => asked.Path == "/token?scope=repository:app:pull&service=s").Authorization);
        Assert.DoesNotContain(_registry.Asked, asked => asked.Path.StartsWith("/v2", StringComparison.Ordinal) && asked.Authorization?.StartsWith("Basic", StringComparison.Ordinal) == true);

        File.SetUnixFileMode(file, (UnixFileMode)0x1a4);
        Assert.Contains("chmod 600", (await Assert.ThrowsAsync<SandboxException>(() => PullAsync(name: "other:1"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_registry_cannot_send_us_or_our_password_where_it_likes()
    {
        foreach (var elsewhere in new[] { "http://192.0.2.1/x", "ftp://127.0.0.1/x", "file:///etc/passwd" })
        {
            _registry.Before = call => Redirect(call, elsewhere);
            Assert.Contains("not trusted", (await Assert.ThrowsAsync<SandboxException>(() => PullAsync())).Message, StringComparison.Ordinal);
            _registry.Before = call =>
            {
                call.Response.Headers["WWW-Authenticate"] = $"Bearer realm=\"{elsewhere}\"";
                FakeRegistry.Answer(call, 401, []);
                return true;
            };
            Assert.Equal("registry_failed", (await Assert.ThrowsAsync<SandboxException>(() => PullAsync())).Reason);
        }

        _registry.Before = call => Redirect(call, call.Request.Url!.ToString());
        _registry.Asked.Clear();
        Assert.Contains("more than 5 times", (await Assert.ThrowsAsync<SandboxException>(() => PullAsync())).Message, StringComparison.Ordinal);
        Assert.Equal(6, _registry.Asked.Count);
    }

    [Fact]
    public async Task Who_wants_the_same_at_the_same_time_shares_the_work_and_the_last_to_go_ends_it()
    {
        using var gate = new ManualResetEventSlim();
        _registry.Before = call =>
        {
            gate.Wait(Patience.Limit);
            return false;
        };
        await using var transfers = new ImageTransfers(1);
        var one = transfers.Join("app", PullAsync);
        var two = transfers.Join("app", PullAsync);
        Assert.Same(one, two);
        Assert.Equal("too_many_transfers", Assert.Throws<SandboxException>(() => transfers.Join("other", PullAsync)).Reason);
        one.Leave();
        gate.Set();
        Assert.Equal(_registry.Manifest.ToString(), (await two.Result.Soon()).Record.Manifest);
        Assert.Single(_registry.Asked, asked => asked.Path.EndsWith(_layer.Hex, StringComparison.Ordinal));

        gate.Reset();
        var (third, _) = (new ImageTransfer((_, stop) => Task.Delay(Timeout.Infinite, stop).ContinueWith<StoredImage>(_ => throw new OperationCanceledException(stop), TaskScheduler.Default)), 0);
        third.Leave();
        Assert.False(third.TryJoin());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => third.Result.Soon());
        third.Dispose();
        gate.Set();
    }

    private bool IsLayer(HttpListenerContext call) => call.Request.Url!.AbsolutePath.EndsWith(_layer.Hex, StringComparison.Ordinal);

    private static bool Redirect(HttpListenerContext call, string where)
    {
        call.Response.Headers["Location"] = where;
        FakeRegistry.Answer(call, 307, []);
        return true;
    }

    private static bool Fail(HttpListenerContext call, int status, Func<bool> fails)
    {
        if (fails())
        {
            FakeRegistry.Answer(call, status, Encoding.ASCII.GetBytes("{}"));
            return true;
        }

        return false;
    }

    private Task<StoredImage> PullAsync(ImageProgress progress, CancellationToken cancellation) => PullAsync(progress, "app:1", cancellation);

    private async Task<StoredImage> PullAsync(ImageProgress? progress = null, string name = "app:1", CancellationToken cancellation = default)
    {
        using var pull = new ImagePull(_place.Store, _place.Directory, _place.Options, TimeProvider.System);
        return await pull.RunAsync(ImageReference.Parse($"{_registry.Host}/{name}"), null, progress ?? new ImageProgress(), cancellation);
    }
}
