using System.Globalization;
using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>The background commands and terminals of a session. Those that have ended stay to be asked about until their place is needed.</summary>
internal sealed class JobTable : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Job> _jobs = [];
    private readonly HashSet<string> _promised = new(StringComparer.Ordinal);
    private int _last;

    /// <summary>All of them, in the order they were started.</summary>
    internal IReadOnlyList<Job> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _jobs];
            }
        }
    }

    /// <summary>Promises a place to one that is about to be started.</summary>
    /// <param name="wished">What its caller calls it; null for a name that is made.</param>
    /// <exception cref="SandboxException">The name is taken, or there is no room.</exception>
    internal string Promise(string? wished)
    {
        Job? gone = null;
        string id;
        lock (_lock)
        {
            id = wished ?? Free();
            if (_promised.Contains(id) || _jobs.Exists(j => j.Id == id && !j.IsOver))
            {
                throw new SandboxException(ErrorCode.Conflict, SandboxReasons.JobExists, $"something of the id \"{id}\" runs in the session already; choose another");
            }

            if (_jobs.Count + _promised.Count >= ExecLimits.MaxJobs)
            {
                gone = _jobs.Find(j => j.IsOver) ?? throw new SandboxException(ErrorCode.ResourceExhausted, SandboxReasons.TooManyJobs,
                    $"{ExecLimits.MaxJobs} background commands and terminals run in the session already; end one");
                _jobs.Remove(gone);
            }

            _promised.Add(id);
        }

        Remove(gone);
        return id;
    }

    /// <summary>Keeps the promise; null when it could not be started.</summary>
    internal void Keep(string id, Job? job)
    {
        Job? earlier = null;
        lock (_lock)
        {
            _promised.Remove(id);
            if (job is not null)
            {
                earlier = _jobs.Find(j => j.Id == id);
                _ = earlier is not null && _jobs.Remove(earlier);
                _jobs.Add(job);
            }
        }

        Remove(earlier);
    }

    /// <summary>One of them.</summary>
    /// <exception cref="SandboxException">There is none of that id.</exception>
    internal Job Find(string id) => TryFind(id)
        ?? throw new SandboxException(ErrorCode.NotFound, SandboxReasons.JobNotFound, "the session has no background command or terminal of that id; sandbox.jobs names those it has");

    internal Job? TryFind(string id)
    {
        lock (_lock)
        {
            return _jobs.Find(j => j.Id == id);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var job in All)
        {
            await job.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>It has ended, so that this waits for nobody.</summary>
    private static void Remove(Job? job) => _ = job?.DisposeAsync().AsTask();

    private string Free()
    {
        string id;
        do
        {
            id = string.Create(CultureInfo.InvariantCulture, $"job-{++_last}");
        }
        while (_promised.Contains(id) || _jobs.Exists(j => j.Id == id));
        return id;
    }
}
