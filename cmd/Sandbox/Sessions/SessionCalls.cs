using System.Collections.Immutable;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Sandbox;

/// <summary>What callers do with sessions as such.</summary>
internal sealed class SessionCalls(SandboxSessions sessions, ISandboxEngine engine, SandboxOptions options, SandboxAudit audit, TimeProvider time)
{
    internal const string ListAll = "sandbox.list_all";

    private readonly SessionRequest _request = new(options, engine.Name, engine.Networks);

    internal async ValueTask<Reply<SandboxCreateResult>> CreateAsync(SandboxCreateParams wish, CallContext call)
    {
        if (_request.Check(wish, SandboxSessions.ClaimsOf(call).Constraints.Sandbox, out var terms) is { } fault)
        {
            return Refuse(call, wish.Session, fault);
        }

        try
        {
            var (slot, created) = await sessions.GetOrCreateAsync(wish.Session, terms, wish.Secrets ?? ImmutableDictionary<string, string>.Empty, call, placeholders: PlaceholderWish.Read(wish)).ConfigureAwait(false);
            var differs = created ? [] : SessionDifference.Of(wish, terms, slot.Record.Terms, slot.Session?.NotEnforced ?? []);
            return new SandboxCreateResult(created, View(slot, whole: true), differs.Count > 0 ? differs : null);
        }
        catch (SandboxException e)
        {
            return Refuse(call, wish.Session, SandboxCalls.ErrorOf(e));
        }
    }

    internal Reply<SandboxInfo> Get(SandboxSessionParams wish, CallContext call) => View(sessions.FindOwnSlot(call, wish.Session), whole: true);

    internal Reply<SandboxList> List(SandboxListParams wish, CallContext call)
    {
        if (wish.All && RequireAll(call) is { } denied)
        {
            return denied;
        }

        var owner = wish.All ? null : SandboxSessions.OwnerOf(call);
        var found = sessions.Table.All()
            .Where(slot => !slot.IsClosing && (owner is null || slot.Record.Owner == owner) && string.CompareOrdinal(slot.Record.Id, wish.Cursor) > 0 && Has(slot, wish.Labels))
            .OrderBy(slot => slot.Record.Id, StringComparer.Ordinal).Take(wish.Limit + 1).ToArray();
        var page = found.Take(wish.Limit).ToArray();
        return new SandboxList([.. page.Select(slot => View(slot, whole: false))], found.Length > page.Length ? page[^1].Record.Id : null);
    }

    internal Reply<SandboxStats> Stats(SandboxSessionParams wish, CallContext call)
    {
        var slot = sessions.FindOwnSlot(call, wish.Session);
        var session = slot.Require();
        using var use = session.Use(whilePaused: true, touches: false);
        var (usage, went) = (use.Sandbox.Usage(), session.Network?.Figures());
        return new SandboxStats(
            slot.Record.Name, SessionView.StateOf(slot), usage.Processes, session.Execs, session.Uses - 1, (long)session.Idle.TotalMilliseconds,
            (long)time.GetElapsedTime(slot.BornAt).TotalMilliseconds, usage.MemoryBytes, usage.CpuMicroseconds, usage.DiskBytes, session.EnforcedBy,
            went?.Open, went?.Denied);
    }

    internal async ValueTask<Reply<SandboxTouchResult>> TouchAsync(SandboxTouchParams wish, CallContext call)
    {
        if (_request.FaultOfTtl(wish.TtlSeconds) is { } fault)
        {
            return fault;
        }

        var slot = sessions.FindOwnSlot(call, wish.Session);
        slot.Require().Touch();
        if (wish.TtlSeconds is { } seconds && seconds != slot.Record.Terms.TtlSeconds)
        {
            await sessions.ChangeTtlAsync(slot, seconds).ConfigureAwait(false);
        }

        return new SandboxTouchResult(TimeText.Of(sessions.EndsOf(slot).Unused));
    }

    internal async ValueTask<Reply<StatusResult>> PauseAsync(SandboxSessionParams wish, CallContext call)
    {
        var session = sessions.FindOwn(call, wish.Session);
        return Turned(call, session, await session.PauseAsync().ConfigureAwait(false), "paused");
    }

    internal async ValueTask<Reply<StatusResult>> ResumeAsync(SandboxSessionParams wish, CallContext call)
    {
        var session = sessions.FindOwn(call, wish.Session);
        return Turned(call, session, await session.ResumeAsync().ConfigureAwait(false), "running", "resumed");
    }

    internal async ValueTask<Reply<StatusResult>> CloseAsync(SandboxSessionParams wish, CallContext call)
    {
        var slot = sessions.FindOwnSlot(call, wish.Session);
        // Its making cannot be interrupted by another call; what is made a moment later is closed then.
        await slot.Made.Task.WaitAsync(call.Cancellation).ConfigureAwait(false);
        _ = await sessions.CloseAsync(slot, "requested", call).ConfigureAwait(false);
        return new StatusResult("closed");
    }

    internal Reply<IAsyncEnumerable<SandboxEvent>> Events(SandboxEventsParams wish, CallContext call)
    {
        if (wish.All && RequireAll(call) is { } denied)
        {
            return denied;
        }

        return Reply.Ok(sessions.Events.Follow(wish.All ? null : SandboxSessions.OwnerOf(call), wish.Session, call.Cancellation));
    }

    internal async ValueTask<Reply<SandboxDoctorResult>> DoctorAsync()
    {
        var report = engine.Report;
        EngineFinding[] bridge = options.Networks.Contains(SessionNetworks.BridgeKind) ? [await sessions.Networks.Bridge.FindAsync().ConfigureAwait(false)] : [];
        return new SandboxDoctorResult(
            report.Engine, report.Usable, [.. report.Findings.Concat(bridge).Select(f => new SandboxFinding(f.Name, f.Good, f.What, f.Remedy))], sessions.Table.Count, options.MaxSessions);
    }

    /// <summary>For explanations: what listing everybody's takes besides.</summary>
    internal static FurtherNeeds FurtherOf(bool all) => all ? FurtherNeeds.OfRights(ListAll) : FurtherNeeds.None;

    private static bool Has(SessionSlot slot, IReadOnlyDictionary<string, string>? labels) =>
        labels is null || labels.All(label => slot.Record.Terms.Labels.TryGetValue(label.Key, out var value) && value == label.Value);

    private SandboxInfo View(SessionSlot slot, bool whole) => SessionView.Of(slot, sessions.EndsOf(slot), whole);

    private StatusResult Turned(CallContext call, SandboxSession session, bool turned, string state, string? kind = null)
    {
        if (turned)
        {
            audit.Done(call, session.Name);
            sessions.Events.Tell(kind ?? state, session.Key);
        }

        return new StatusResult(state);
    }

    private RpcError? RequireAll(CallContext call)
    {
        var reason = Explainer.RequireFurther(SandboxSessions.ClaimsOf(call), ListAll);
        if (reason == DenyReason.None)
        {
            return null;
        }

        audit.Denied(call, null, DenyReasons.CodeOf(reason));
        return CapabilityAuthorizer.ErrorOf(reason) with { Details = [new("right", ListAll)] };
    }

    private RpcError Refuse(CallContext call, string? session, RpcError error)
    {
        if (error.Code == ErrorCode.PermissionDenied)
        {
            audit.Denied(call, session, error.Reason);
        }
        else
        {
            audit.Refused(call, session, error.Reason ?? "invalid_argument");
        }

        return error;
    }
}
