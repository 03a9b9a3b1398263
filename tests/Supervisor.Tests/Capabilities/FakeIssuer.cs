using System.Collections.Concurrent;
using System.Globalization;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Supervisor.Tests.Capabilities;

/// <summary>Identity as a test wants it.</summary>
internal sealed class FakeIssuer(TimeProvider time) : ICapabilityIssuer
{
    private int _last;

    internal ConcurrentQueue<IssueParams> Asked { get; } = new();

    internal ConcurrentQueue<string> Revoked { get; } = new();

    internal bool IsDown { get; set; }

    /// <summary>When set, an issue waits for it.</summary>
    internal TaskCompletionSource? Held { get; set; }

    public async Task<IReadOnlyList<IssueResult>> IssueAsync(IReadOnlyList<IssueParams> wanted, CancellationToken cancellation)
    {
        Fail();
        if (Held is { } held)
        {
            await held.Task.WaitAsync(cancellation);
        }

        return [.. wanted.Select(Issue)];
    }

    public Task RevokeAsync(IReadOnlyList<string> capabilityIds, CancellationToken cancellation)
    {
        Fail();
        foreach (var id in capabilityIds)
        {
            Revoked.Enqueue(id);
        }

        return Task.CompletedTask;
    }

    private IssueResult Issue(IssueParams wanted)
    {
        Asked.Enqueue(wanted);
        var number = Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture);
        return new IssueResult("token" + number, "id" + number, time.GetUtcNow().ToUnixTimeSeconds() + wanted.TtlSeconds!.Value);
    }

    private void Fail()
    {
        if (IsDown)
        {
            throw new RpcException(RpcError.Unavailable("identity is down"));
        }
    }
}
