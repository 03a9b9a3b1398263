using System.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.CommandLine;

/// <summary>What one command works with: the node, the output, the options that hold for all commands.</summary>
internal sealed class Session : IAsyncDisposable
{
    private readonly Lazy<string?> _token;
    private readonly bool _fromEnvironment;

    public Session(ParseResult parsed, GlobalOptions globals, Surroundings around)
    {
        Around = around;
        var coloured = around.StdoutIsTerminal && !parsed.GetValue(globals.NoColor) && around.NonEmpty("NO_COLOR") is null;
        Out = new OutputWriter(around.Stdout, parsed.GetValue(globals.Json), coloured);
        _token = new(() => TokenSource.Find(parsed.GetValue(globals.Token), parsed.GetValue(globals.TokenFile), around, Notice));
        _fromEnvironment = parsed.GetValue(globals.Token) is null && parsed.GetValue(globals.TokenFile) is null;
        var runtimeDirectory = parsed.GetValue(globals.RuntimeDir);
        RuntimeDirectoryIsDefault = runtimeDirectory is null && around.NonEmpty(SocketResolver.RuntimeDirectoryVariable) is null;
        var sockets = new SocketResolver(SocketResolver.RuntimeDirectory(runtimeDirectory, around), Notice);
        var keys = new HolderKeySource(parsed.GetValue(globals.HolderKey), around, Notice);
        Node = new Node(sockets, parsed.GetValue(globals.Timeout) ?? GlobalOptions.DefaultTimeout, TokenFor, keys.SignerFor, around.Time) { HasUnit = () => HasUnit };
    }

    public Surroundings Around { get; }

    public OutputWriter Out { get; }

    public Node Node { get; }

    /// <summary>True when nobody said where the node is.</summary>
    public bool RuntimeDirectoryIsDefault { get; }

    /// <summary>True when the node is the machine's own and a unit is installed that runs it.</summary>
    public bool HasUnit => RuntimeDirectoryIsDefault && InstalledUnit.IsThere(Around.HostRoot);

    /// <summary>The token given, or null.</summary>
    /// <exception cref="UsageException">A file was named that gives none.</exception>
    public string? Token => _token.Value;

    private string? TokenFor(Call call)
    {
        var stands = _fromEnvironment && call.AuthorityMayAct && Token is { } token && !TokenClaims.Names(token, call.Method);
        return stands ? null : Token;
    }

    /// <summary>Tells a person something that is not part of the answer.</summary>
    public void Notice(string text) => Around.Stderr.WriteLine($"strata-ctl: {SafeText.Of(text)}");

    public ValueTask DisposeAsync() => Node.DisposeAsync();
}
