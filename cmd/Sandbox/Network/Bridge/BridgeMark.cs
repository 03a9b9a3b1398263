using System.Text;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>What the bridges of this service are called by, on disk from before there is one until nothing is left of them: whoever finds it has something to take away.</summary>
/// <param name="stateDirectory">The service's own.</param>
internal sealed class BridgeMark(string stateDirectory)
{
    private const string FileName = "bridge";
    private const int MaxBytes = 64;
    private const int Mode = 0x180; // 0600

    private string FilePath => Path.Combine(stateDirectory, FileName);

    /// <summary>Reads it; null for none.</summary>
    internal string? Read()
    {
        if (!File.Exists(FilePath))
        {
            return null;
        }

        using var directory = PrivateDirectory.Ensure(stateDirectory, LayerStore.PrivateMode);
        return BoundedFile.TryRead(directory, FileName, MaxBytes, out _) is { } bytes && Encoding.ASCII.GetString(bytes) is var text && BridgeNames.IsNode(text) ? text : null;
    }

    /// <summary>Writes it; on disk when this returns.</summary>
    internal void Write(string node)
    {
        using var directory = PrivateDirectory.Ensure(stateDirectory, LayerStore.PrivateMode);
        DurableFile.Replace(directory, FileName, Encoding.ASCII.GetBytes(node), Mode);
    }

    /// <summary>Nothing is left.</summary>
    internal void Delete() => File.Delete(FilePath);
}
