namespace Strata.Sandbox;

/// <summary>A session's way out, of whatever kind. Its end ends every connection through it.</summary>
internal interface ISessionNetwork : IAsyncDisposable
{
    /// <summary>What it may reach.</summary>
    NetworkRules Rules { get; }

    /// <summary>Variables of every process inside, by which programs find it.</summary>
    IEnumerable<KeyValuePair<string, string>> Environment { get; }

    /// <summary>What went through it.</summary>
    NetworkFigures Figures();

    /// <summary>From now on it may reach this and nothing else; what goes on to anything else ends.</summary>
    /// <exception cref="SandboxException">It stays as it was.</exception>
    Task ApplyAsync(NetworkRules rules);
}

/// <summary>What went through a session's way out.</summary>
/// <param name="Open">Connections that are open, where the service carries them.</param>
/// <param name="MaxOpen">Most that may be.</param>
/// <param name="Connections">Connections made so far.</param>
/// <param name="Denied">What was denied so far.</param>
/// <param name="SentBytes">Bytes sent so far.</param>
/// <param name="ReceivedBytes">Bytes received so far.</param>
internal sealed record NetworkFigures(int Open, int MaxOpen, long Connections, long Denied, long SentBytes, long ReceivedBytes)
{
    /// <summary>Of a session without a way out.</summary>
    internal static NetworkFigures None { get; } = new(0, 0, 0, 0, 0, 0);
}
