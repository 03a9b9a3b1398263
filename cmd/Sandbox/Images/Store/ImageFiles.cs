using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Reads the small files that are kept of images.</summary>
internal static class ImageFiles
{
    /// <summary>What a file says; null when there is none, or none that can be read.</summary>
    internal static T? Read<T>(FileDescriptor directory, string name, int maxBytes, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return BoundedFile.TryRead(directory, name, maxBytes, out _) is { } bytes ? JsonSerializer.Deserialize(bytes, type) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
