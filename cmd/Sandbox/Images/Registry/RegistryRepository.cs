using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>One repository of a registry, read with the distribution protocol. Not for several threads before the first answer.</summary>
/// <param name="http">Sends; follows no redirects itself.</param>
/// <param name="registry">Where the registry answers.</param>
/// <param name="reference">The image.</param>
/// <param name="options">The bounds, and where passwords are.</param>
/// <param name="time">The clock.</param>
internal sealed class RegistryRepository(HttpMessageInvoker http, Uri registry, ImageReference reference, ImageOptions options, TimeProvider time)
{
    private const int MaxRedirects = 5;
    private const int MaxTokenBytes = 64 * 1024;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private volatile AuthenticationHeaderValue? _authorization;

    /// <summary>Reads a manifest by tag or digest.</summary>
    /// <exception cref="SandboxException">The registry does not give it.</exception>
    internal async Task<byte[]> ReadManifestAsync(string tagOrDigest, CancellationToken cancellation) =>
        await ReadAsync($"manifests/{tagOrDigest}", MediaTypes.Manifests, cancellation).ConfigureAwait(false);

    /// <summary>Reads a small blob, which must be what its digest says.</summary>
    internal async Task<byte[]> ReadBlobAsync(Digest digest, CancellationToken cancellation) =>
        await ReadAsync($"blobs/{digest}", [], cancellation).ConfigureAwait(false) is var content && Digest.Of(content) == digest ? content : throw Other(digest);

    /// <summary>Asks for a blob from an offset on.</summary>
    /// <returns>The answer, whose content is read by the caller: 206 from the offset, 200 from the beginning.</returns>
    internal Task<HttpResponseMessage> OpenBlobAsync(Digest digest, long offset, CancellationToken cancellation) => SendAsync($"blobs/{digest}", [], offset, cancellation);

    /// <summary>Tries until it succeeds, is refused for good, or was tried often enough; the pauses get longer.</summary>
    internal async Task<T> TryAsync<T>(Func<Task<T>> work, CancellationToken cancellation)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await work().ConfigureAwait(false);
            }
            catch (Exception e) when (IsPassing(e, cancellation) && attempt < options.MaxAttempts)
            {
                await Task.Delay(FirstPause * Math.Pow(2, attempt - 1), time, cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (IsPassing(e, cancellation))
            {
                throw Failed(string.Create(CultureInfo.InvariantCulture, $"does not answer after {attempt} attempts: {(e is HttpRequestException { InnerException.Message: var inner } ? inner : e.Message)}"));
            }
        }
    }

    internal SandboxException Failed(string what) => new(ErrorCode.Unavailable, SandboxReasons.RegistryFailed, $"the registry {reference.Registry} {what}");

    internal static ArchiveException Other(Digest digest) => new($"what the registry has as {digest} is something else");

    private static bool IsPassing(Exception e, CancellationToken cancellation) => !cancellation.IsCancellationRequested
        && e is HttpRequestException { StatusCode: null or HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError } or IOException { HResult: not (Linux.Errno.ENOSPC or Linux.Errno.EDQUOT) } and not Linux.LinuxException or OperationCanceledException;

    private Task<byte[]> ReadAsync(string path, IReadOnlyList<string> accepted, CancellationToken cancellation) => TryAsync(
        async () =>
        {
            using var quiet = new Silence(options.Patience, time, cancellation);
            using var response = await SendAsync(path, accepted, 0, quiet.Token).ConfigureAwait(false);
            return await ReadAsync(response, options.MaxDocumentBytes, quiet.Token).ConfigureAwait(false);
        },
        cancellation);

    private async Task<byte[]> ReadAsync(HttpResponseMessage response, int maxBytes, CancellationToken cancellation)
    {
        var content = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var buffer = new byte[Math.Min(response.Content.Headers.ContentLength ?? maxBytes, maxBytes) + 1];
        int read = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        return read <= maxBytes && !(read == buffer.Length && response.Content.Headers.ContentLength > maxBytes) ? buffer[..read]
            : throw Failed(string.Create(CultureInfo.InvariantCulture, $"sends a document of more than {maxBytes} bytes"));
    }

    private async Task<HttpResponseMessage> SendAsync(string path, IReadOnlyList<string> accepted, long offset, CancellationToken cancellation)
    {
        var response = await FollowAsync(new Uri(registry, $"v2/{reference.Repository}/{path}"), accepted, offset, cancellation).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            using (response)
            {
                _authorization = await AuthorizeAsync(response, cancellation).ConfigureAwait(false);
            }

            response = await FollowAsync(new Uri(registry, $"v2/{reference.Repository}/{path}"), accepted, offset, cancellation).ConfigureAwait(false);
        }

        if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.PartialContent)
        {
            return response;
        }

        using (response)
        {
            throw Refused(response.StatusCode);
        }
    }

    /// <summary>Follows what the registry says is elsewhere: without the authorization, and never from TLS to none.</summary>
    private async Task<HttpResponseMessage> FollowAsync(Uri where, IReadOnlyList<string> accepted, long offset, CancellationToken cancellation)
    {
        for (int redirects = 0; redirects <= MaxRedirects; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, where);
            request.Headers.Authorization = where.Authority == registry.Authority && where.Scheme == registry.Scheme ? _authorization : null;
            request.Headers.UserAgent.ParseAdd("strata");
            foreach (var type in accepted)
            {
                request.Headers.Accept.ParseAdd(type);
            }

            request.Headers.Range = offset > 0 ? new RangeHeaderValue(offset, null) : null;
            var response = await http.SendAsync(request, cancellation).ConfigureAwait(false);
            if (response.StatusCode is not (HttpStatusCode.Moved or HttpStatusCode.Redirect or HttpStatusCode.RedirectMethod or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect))
            {
                return response;
            }

            using (response)
            {
                where = new Uri(where, response.Headers.Location ?? throw Failed("redirects to nowhere"));
                RequireTrusted(where, "redirects");
            }
        }

        throw Failed(string.Create(CultureInfo.InvariantCulture, $"redirects more than {MaxRedirects} times"));
    }

    private async Task<AuthenticationHeaderValue> AuthorizeAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var login = RegistryCredentials.Find(options.CredentialsFile, reference.Registry);
        var basic = login is null ? null : new AuthenticationHeaderValue("Basic", login);
        var bearer = response.Headers.WwwAuthenticate.FirstOrDefault(challenge => challenge.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase));
        if (bearer is null)
        {
            return basic ?? throw Refused(HttpStatusCode.Unauthorized);
        }

        var challenge = RegistryChallenge.TryParse(bearer.Parameter) ?? throw Failed("asks for a token and does not say where it is given");
        RequireTrusted(challenge.Realm, "wants a password");
        using var request = new HttpRequestMessage(HttpMethod.Get, challenge.For(reference.Repository));
        request.Headers.Authorization = basic;
        using var answer = await http.SendAsync(request, cancellation).ConfigureAwait(false);
        if (answer.StatusCode != HttpStatusCode.OK)
        {
            throw Refused(answer.StatusCode);
        }

        var token = OciJson.Read(await ReadAsync(answer, MaxTokenBytes, cancellation).ConfigureAwait(false), OciJson.Default.RegistryToken, "token");
        var value = token.Token ?? token.AccessToken;
        return value is { Length: > 0 } && value.All(c => c is > ' ' and < '\x7f') ? new AuthenticationHeaderValue("Bearer", value) : throw Failed("gives a token that is none");
    }

    /// <summary>Only a registry that is spoken to in the clear may send us where that is so, and only to this machine or itself.</summary>
    private void RequireTrusted(Uri where, string does)
    {
        bool isPlain = where.Scheme == Uri.UriSchemeHttp && registry.Scheme == Uri.UriSchemeHttp && (where.Host == registry.Host || where.IsLoopback);
        if (where.Scheme != Uri.UriSchemeHttps && !isPlain)
        {
            throw Failed($"{does} at {where.Scheme}://{where.Host}, which is not trusted");
        }
    }

    private Exception Refused(HttpStatusCode status) => status switch
    {
        HttpStatusCode.NotFound => new SandboxException(ErrorCode.NotFound, SandboxReasons.ImageNotFound, $"the registry {reference.Registry} has no {reference.Name}"),
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new SandboxException(ErrorCode.PermissionDenied, SandboxReasons.RegistryDenied,
            $"the registry {reference.Registry} does not let us have {reference.Repository}; the operator puts a name and password into the file that STRATA_SANDBOX_REGISTRY_AUTH names"),
        _ => new HttpRequestException($"it answers {(int)status}", null, status),
    };
}
