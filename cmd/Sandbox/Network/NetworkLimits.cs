namespace Strata.Sandbox;

/// <summary>The bounds of what goes through the proxies. How fast bytes go is not bounded.</summary>
internal sealed record NetworkLimits
{
    /// <summary>Connections of one session at once.</summary>
    internal int MaxConnections { get; init; } = 128;

    /// <summary>Connections of all sessions at once; each takes two descriptors of the service.</summary>
    internal int MaxConnectionsInAll { get; init; } = 2048;

    /// <summary>Connections beyond either number that are told so before they are closed; further ones are closed at once.</summary>
    internal int MaxFarewells { get; init; } = 16;

    /// <summary>Addresses of one name that are tried.</summary>
    internal int MaxAddresses { get; init; } = 8;

    /// <summary>How long a client may take to say what it wants.</summary>
    internal TimeSpan HeadTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it may take to find out a name's addresses, and to connect to one.</summary>
    internal TimeSpan ConnectTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection stays on which nothing comes from either side.</summary>
    internal TimeSpan IdleTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a client that was refused has to read that.</summary>
    internal TimeSpan FarewellTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Denials of one session that are recorded and told within a minute; all are counted.</summary>
    internal int RecordedDenials { get; init; } = 60;
}
