using System.Text;

namespace Strata.Policy;

/// <summary>The bounds that a prefix and a requested path share.</summary>
internal static class PathText
{
    internal static string? SizeFaultOf(string path)
    {
        if (Encoding.UTF8.GetByteCount(path) > ClaimLimits.MaxPathBytes)
        {
            return $"must be at most {ClaimLimits.MaxPathBytes} bytes long";
        }

        var depth = 0;
        foreach (var part in path.AsSpan().Split('/'))
        {
            var segment = path.AsSpan()[part];
            depth += segment.IsEmpty || segment is "." ? 0 : 1;
            if (Encoding.UTF8.GetByteCount(segment) > ClaimLimits.MaxPathSegmentBytes)
            {
                return $"must have no part longer than {ClaimLimits.MaxPathSegmentBytes} bytes";
            }
        }

        return depth > ClaimLimits.MaxPathDepth ? $"must be at most {ClaimLimits.MaxPathDepth} folders deep" : UnicodeFaultOf(path);
    }

    /// <summary>A lone surrogate has no UTF-8 form: what is checked would not be what is opened.</summary>
    private static string? UnicodeFaultOf(ReadOnlySpan<char> path)
    {
        while (!path.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(path, out _, out var consumed) != System.Buffers.OperationStatus.Done)
            {
                return "must be well-formed Unicode";
            }

            path = path[consumed..];
        }

        return null;
    }
}
