using System.Runtime.InteropServices;

namespace Strata.Supervisor;

/// <summary>
/// The signals that end the node, caught from before the first socket is bound: one that comes during the start is kept
/// until there is a loop to tell, for whoever dies in between leaves sockets behind. The first asks for a shutdown in good
/// order, any further one for haste. SIGHUP ends the node only when its terminal has gone; else it asks to apply the configuration.
/// </summary>
internal sealed class EndingSignals : IDisposable
{
    private static readonly PosixSignal[] Ending = [PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];

    private readonly Lock _changing = new();
    private readonly List<string> _early = [];
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Func<bool> _hasTerminal;
    private readonly bool _hadTerminal;
    private NodeLoop? _loop;
    private Action? _reload;
    private bool _reloadEarly;
    private int _count;

    internal EndingSignals()
        : this(ControllingTerminal.Exists)
    {
    }

    internal EndingSignals(Func<bool> hasTerminal)
    {
        (_hasTerminal, _hadTerminal) = (hasTerminal, hasTerminal());
        _registrations = [.. Ending.Select(signal => PosixSignalRegistration.Create(signal, Catch))];
    }

    /// <summary>From now on the loop hears of signals; first of those that came already.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="reload">Applies the configuration; must not block.</param>
    internal void Attach(NodeLoop loop, Action reload)
    {
        lock (_changing)
        {
            (_loop, _reload) = (loop, reload);
            _early.ForEach(Tell);
            _early.Clear();
            if (_reloadEarly)
            {
                reload();
            }
        }
    }

    /// <summary>The node has ended: later signals change nothing, and what is left is cleaned up undisturbed.</summary>
    internal void Detach()
    {
        lock (_changing)
        {
            (_loop, _reload) = (null, null);
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
        var reloads = context.Signal == PosixSignal.SIGHUP && !(_hadTerminal && !_hasTerminal());
        lock (_changing)
        {
            if (reloads)
            {
                _reloadEarly |= _loop is null;
                _reload?.Invoke();
            }
            else if (_loop is null)
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
