using System.Collections.Frozen;

namespace Strata.Ipc;

/// <summary>
/// Counts the calls of one loop. Its thread alone counts, without locks; whoever reads meanwhile gets numbers that are each right,
/// if not of the very same instant.
/// </summary>
public sealed class CallCounter
{
    private readonly FrozenDictionary<Method, MethodCounter> _byMethod;
    private readonly MethodCounter _none = new("");
    private readonly TimeProvider _time;

    internal CallCounter(MethodTable methods, TimeProvider time)
    {
        _byMethod = methods.Methods.ToFrozenDictionary(m => m, m => new MethodCounter(m.Name));
        _time = time;
    }

    internal IEnumerable<MethodCounter> All => _byMethod.Values.Append(_none);

    /// <summary>Counts an answer.</summary>
    /// <param name="call">The call; null when the request made none.</param>
    /// <param name="error">Its error; null for success.</param>
    public void Note(CallContext? call, RpcError? error)
    {
        if (call is null || !_byMethod.TryGetValue(call.Method, out var counter))
        {
            _none.Note(error, null);
            return;
        }

        // A stream lives as long as its reader likes, which says nothing about the service.
        counter.Note(error, call.WantsMore ? null : _time.GetElapsedTime(call.ReceivedAt).Ticks / TimeSpan.TicksPerMicrosecond);
    }
}
