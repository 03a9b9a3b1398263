using System.Buffers;
using System.Text.Json;

namespace Strata.Contracts;

/// <summary>What a state directory says of its own form, in the file <see cref="FileName"/>. Pure: how the file is read and replaced is decided elsewhere.</summary>
/// <param name="Format">The number of the form; each change that an earlier version could not live with counts one on.</param>
/// <param name="WrittenBy">The version of Strata that gave the state this form.</param>
public sealed record StateFormat(int Format, string WrittenBy)
{
    /// <summary>The file, at the top of the state directory.</summary>
    public const string FileName = "format.json";

    /// <summary>The form that this version reads and writes; also that of state from before there was the file.</summary>
    public const int Current = 1;

    /// <summary>The form of state that says nothing.</summary>
    public const int Unsaid = 1;

    /// <summary>The most bytes of the file; later versions may say more in it than this one.</summary>
    public const int MaxFileBytes = 4096;

    /// <summary>The longest <see cref="WrittenBy"/>, in characters.</summary>
    public const int MaxVersionChars = 64;

    /// <summary>Reads the file's content. Fields that this version does not know are left alone.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="fault">What is wrong with it, in words to follow the file's name; null when it was read.</param>
    public static StateFormat? TryParse(ReadOnlySpan<byte> content, out string? fault)
    {
        try
        {
            return Read(new Utf8JsonReader(content), out fault);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            fault = content.IsEmpty ? "is empty" : "is not JSON, or not whole";
            return null;
        }
    }

    /// <summary>The file's content.</summary>
    public byte[] Encode()
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("format"u8, Format);
            json.WriteString("written_by"u8, WrittenBy);
            json.WriteEndObject();
        }

        return [.. bytes.WrittenSpan, (byte)'\n'];
    }

    /// <summary>Why a program that knows forms up to a number must leave this state alone; null when it need not.</summary>
    /// <param name="directory">The state directory.</param>
    /// <param name="known">The newest form that the program knows. Default <see cref="Current"/>.</param>
    public string? RefusalFor(string directory, int known = Current) => Format <= known ? null
        : $"the state in {directory} has format {Format}, written by Strata {WrittenBy}; this is Strata {StrataVersion.Current}, which knows formats up to {known}. "
            + $"Nothing was changed. Install Strata {WrittenBy} or newer, or restore a backup of the state that was made with this version";

    private static StateFormat? Read(Utf8JsonReader json, out string? fault)
    {
        (int? format, string? writtenBy) = (null, null);
        fault = "is no JSON object";
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var (isFormat, isWriter) = (json.ValueTextEquals("format"u8), json.ValueTextEquals("written_by"u8));
            _ = json.Read();
            if (isFormat)
            {
                if (format is not null || json.TokenType != JsonTokenType.Number || !json.TryGetInt32(out var number) || number < 1)
                {
                    fault = $"has a format that is no whole number from 1 to {int.MaxValue}, given once";
                    return null;
                }

                format = number;
            }
            else if (isWriter)
            {
                if (writtenBy is not null || json.TokenType != JsonTokenType.String || json.GetString() is not { } text || !IsVersion(text))
                {
                    fault = $"has a written_by that is no version of 1 to {MaxVersionChars} letters, digits, '.' and '-', given once";
                    return null;
                }

                writtenBy = text;
            }
            else
            {
                json.Skip();
            }
        }

        // Anything after the object is a fault that this tells.
        _ = json.Read();
        fault = format is null ? "says no format" : writtenBy is null ? "does not say what wrote it (written_by)" : null;
        return fault is null ? new StateFormat(format!.Value, writtenBy!) : null;
    }

    private static bool IsVersion(string text)
    {
        var good = text.Length is > 0 and <= MaxVersionChars;
        foreach (var c in text)
        {
            good &= char.IsAsciiLetterOrDigit(c) || c is '.' or '-';
        }

        return good;
    }
}
