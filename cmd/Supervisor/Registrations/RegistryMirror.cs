using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>
/// Keeps the registry right: follows it, registers every service that should be found, and after a restart puts back
/// the entries of others, too. A registry that hangs holds up this task and nothing else.
/// </summary>
internal sealed class RegistryMirror(NodeBoard board, NodeSettings settings, TimeProvider time, ILogger log) : IRegistrar
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan MaxRetry = TimeSpan.FromSeconds(2);

    private readonly Channel<bool> _nudges = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private RegistrationPlan _plan = new();
    private bool _continuous;
    private bool _lossTold;

    /// <summary>What is known of the registry.</summary>
    internal RegistrationPlan Plan => Volatile.Read(ref _plan);

    /// <inheritdoc/>
    public void Refresh() => _nudges.Writer.TryWrite(true);

    /// <summary>Follows the registry until cancelled, through every loss of it.</summary>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        var retry = FirstRetry;
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                var client = await RpcClient.ConnectAsync(settings.SocketOf(NodePlan.RegistryName), time, PeerAuthority.MayServe, cancellation).ConfigureAwait(false);
                await using (client.ConfigureAwait(false))
                {
                    await FollowAsync(client, () => retry = FirstRetry, cancellation).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (e is RpcException or System.Text.Json.JsonException or ArgumentException)
            {
                TellLoss(e.Message);
            }
            catch (OperationCanceledException)
            {
                // Told to stop, or the registry did not answer and is to be left and found again.
            }

            await Task.Delay(retry, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            retry = retry + retry < MaxRetry ? retry + retry : MaxRetry;
        }
    }

    /// <summary>What the node's services should be registered as.</summary>
    internal static List<RegistryEntry> Declared(NodeState state, NodeSettings settings)
    {
        var uid = (long)Linux.UserId.Effective;
        var listed = state.Plan.Graph.StartOrder.Select(name => state.Services[name]).Where(s => s.Listed && s.Manifest.EffectiveSocketName is not null)
            .Select(s => (s.Name, Path: NodeSockets.PathOf(settings, s.Manifest)))
            .Prepend((Name: NodePlan.SupervisorName, Path: settings.SocketOf(NodePlan.SupervisorName)));
        return [.. listed.Select(s => new RegistryEntry(s.Name, $"unix://{s.Path}", 1, true, uid))];
    }

    private async Task FollowAsync(RpcClient client, Action connected, CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var request = RpcRequest.Of("registry.watch", new NoParams(), ContractsJson.Default.NoParams);
        Task? keeping = null;
        try
        {
            await foreach (var frame in client.StreamAsync(request, either.Token).ConfigureAwait(false))
            {
                if (frame.Error is not null || !frame.Continues)
                {
                    await DoWithoutWatchAsync(client, frame.Error, keeping is not null, either.Token).ConfigureAwait(false);
                    throw new RpcException(frame.Error ?? RpcError.Unavailable("the registry ended the watch"));
                }

                Take(frame.Get(ContractsJson.Default.RegistryEvent));
                connected();
                Refresh();
                keeping ??= KeepAsync(client, either);
            }
        }
        finally
        {
            await either.CancelAsync().ConfigureAwait(false);
            if (keeping is not null)
            {
                await keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>
    /// A watch that is refused or cut for want of room comes from a registry that lives on and knows what it knew; refused
    /// ones are made up for by looking once, so that nobody can keep services out by watching in our place.
    /// </summary>
    private async Task DoWithoutWatchAsync(RpcClient client, RpcError? error, bool wasFollowing, CancellationToken cancellation)
    {
        if (error is not { Code: ErrorCode.ResourceExhausted })
        {
            return;
        }

        if (!wasFollowing)
        {
            var list = await client.CallAsync(
                "registry.list", new NoParams(), ContractsJson.Default.NoParams, ContractsJson.Default.RegistryList, deadline: CallTimeout, cancellation: cancellation)
                .ConfigureAwait(false);
            Take(new RegistryEvent("snapshot", 0, list.Services));
            await MakeRightAsync(client, cancellation).ConfigureAwait(false);
        }

        _continuous = true;
    }

    private void Take(RegistryEvent change)
    {
        if (change.Kind == "snapshot")
        {
            var next = _plan.Synchronised(change.Services ?? [], restarted: !_continuous);
            Update(_ => next);
            _continuous = false;
            _lossTold = false;
            if (next.Lost.Count > 0)
            {
                log.RegistrationsRestored(next.Lost.Count);
            }
        }
        else if (change.Entry is { } entry)
        {
            Update(plan => plan.Changed(change.Kind, entry));
        }
    }

    /// <summary>Makes the registry right each time something may have changed, until it is lost.</summary>
    private async Task KeepAsync(RpcClient client, CancellationTokenSource following)
    {
        try
        {
            await foreach (var _ in _nudges.Reader.ReadAllAsync(following.Token).ConfigureAwait(false))
            {
                await MakeRightAsync(client, following.Token).ConfigureAwait(false);
            }
        }
        catch (RpcException e)
        {
            TellLoss(e.Message);
            await following.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task MakeRightAsync(RpcClient client, CancellationToken cancellation)
    {
        var declared = Declared(board.Current.State, settings);
        foreach (var entry in Plan.ToRegister(declared).ToArray())
        {
            await RegisterAsync(client, entry, cancellation).ConfigureAwait(false);
        }

        foreach (var name in Plan.ToUnregister(declared).ToArray())
        {
            var request = RpcRequest.Of("registry.unregister", new ServiceName(name), ContractsJson.Default.ServiceName);
            await CallAsync(client, name, request, cancellation).ConfigureAwait(false);
        }
    }

    private async Task RegisterAsync(RpcClient client, RegistryEntry entry, CancellationToken cancellation)
    {
        var wanted = new RegisterParams(entry.Service, entry.Endpoint, entry.ApiV, entry.OwnerUid, entry.Declared);
        var request = RpcRequest.Of("registry.register", wanted, ContractsJson.Default.RegisterParams);
        if (await CallAsync(client, entry.Service, request, cancellation).ConfigureAwait(false))
        {
            Update(plan => plan.Changed("registered", entry));
        }
        else
        {
            Update(plan => plan.GivenUp(entry.Service));
        }
    }

    /// <summary>True when the call was carried out, false when it was refused.</summary>
    /// <exception cref="RpcException">The registry does not answer, or is on its way out.</exception>
    private async Task<bool> CallAsync(RpcClient client, string name, RpcRequest request, CancellationToken cancellation)
    {
        var response = await client.SendAsync(request with { Deadline = CallTimeout }, cancellation).ConfigureAwait(false);
        if (response.Error is { Code: ErrorCode.Unavailable } gone)
        {
            throw new RpcException(gone);
        }

        if (response.Error is { Code: not ErrorCode.NotFound } refusal)
        {
            log.RegistrationFailed(name, refusal.Message);
            return false;
        }

        return true;
    }

    private void Update(Func<RegistrationPlan, RegistrationPlan> change)
    {
        RegistrationPlan before;
        do
        {
            before = Volatile.Read(ref _plan);
        }
        while (Interlocked.CompareExchange(ref _plan, change(before), before) != before);
    }

    /// <summary>Says once that the registry is gone, not at every attempt; not at all when it ends with the node.</summary>
    private void TellLoss(string reason)
    {
        if (!_lossTold && !board.Current.State.ShuttingDown)
        {
            log.RegistryLost(reason);
            _lossTold = true;
        }
    }
}
