using System.Runtime.InteropServices;

namespace Strata.Supervisor;

/// <summary>
/// The signals that end the node, caught from before the first socket is bound: one that comes during the start is kept
/// until there is a loop to tell, for whoever dies in between leaves sockets behind. The first asks for a shutdown in good
/// order, any further one for haste.
/// </summary>
internal sealed class EndingSignals : IDisposable
{
    private static readonly PosixSignal[] Ending = [PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];

    private readonly Lock _changing = new();
    private readonly List<string> _early = [];
    private readonly PosixSignalRegistration[] _registrations;
    private NodeLoop? _loop;
    private int _count;

    internal EndingSignals() => _registrations = [.. Ending.Select(signal => PosixSignalRegistration.Create(signal, Catch))];

    /// <summary>From now on the loop hears of signals; first of those that came already.</summary>
    internal void Attach(NodeLoop loop)
    {
        lock (_changing)
        {
            _loop = loop;
            _early.ForEach(Tell);
            _early.Clear();
        }
    }

    /// <summary>The node has ended: later signals change nothing, and what is left is cleaned up undisturbed.</summary>
    internal void Detach()
    {
        lock (_changing)
        {
            _loop = null;
        }
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private void Catch(PosixSignalContext context)
    {
        context.Cancel = true;
        lock (_changing)
        {
            if (_loop is null)
            {
                _early.Add(context.Signal.ToString());
            }
            else
            {
                Tell(context.Signal.ToString());
            }
        }
    }

    private void Tell(string name)
    {
        if (++_count == 1)
        {
            _loop!.Shutdown(name);
        }
        else
        {
            _loop!.Hurry(name);
        }
    }
}
