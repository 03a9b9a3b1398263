namespace Strata.Hosting.Tests;

/// <summary>A private directory that is gone after the test.</summary>
internal sealed class TestDirectory : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("shx").FullName;

    internal string this[string name] => System.IO.Path.Combine(Path, name);

    internal NodeSettings Settings => new() { RuntimeDir = Path, StateDir = this["state"], NodeId = "local-0" };

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
