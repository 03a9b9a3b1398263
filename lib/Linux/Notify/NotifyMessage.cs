using System.Text;

namespace Strata.Linux;

/// <summary>What a service says about itself, by the sd_notify protocol. Unknown lines and MAINPID are ignored.</summary>
/// <param name="Sender">Who sent it, as the kernel says.</param>
/// <param name="Ready">READY=1: it serves now.</param>
/// <param name="Stopping">STOPPING=1: it has begun to end.</param>
/// <param name="Watchdog">WATCHDOG=1: it is alive.</param>
/// <param name="Status">STATUS=: one line for people, at most <see cref="MaxStatusChars"/> characters, without control characters; null when not given.</param>
public sealed record NotifyMessage(PeerCredentials Sender, bool Ready, bool Stopping, bool Watchdog, string? Status) : IDisposable
{
    /// <summary>The longest name of stored descriptors.</summary>
    public const int MaxNameChars = 255;

    /// <summary>The name of stored descriptors that were given none, as systemd has it.</summary>
    public const string NoName = "stored";

    /// <summary>FDSTORE=1: the descriptors that came along shall be kept for the sender's next instance.</summary>
    public bool Stores { get; init; }

    /// <summary>FDSTOREREMOVE=1: what is kept under <see cref="Name"/> is of no use any more.</summary>
    public bool Forgets { get; init; }

    /// <summary>FDNAME=: what they are kept under; 1 to <see cref="MaxNameChars"/> printable ASCII characters without a colon, else <see cref="NoName"/>.</summary>
    public string Name { get; init; } = NoName;

    /// <summary>The descriptors that came along, when they shall be kept; close-on-exec, and closed with the message unless taken out.</summary>
    public IReadOnlyList<FileDescriptor> Descriptors { get; init; } = [];

    /// <summary>The longest status kept; the rest is cut.</summary>
    public const int MaxStatusChars = 256;

    /// <summary>Reads the newline-separated assignments of one datagram.</summary>
    /// <param name="datagram">The bytes; invalid UTF-8 becomes replacement characters.</param>
    /// <param name="sender">Who sent it.</param>
    public static NotifyMessage Parse(ReadOnlySpan<byte> datagram, PeerCredentials sender)
    {
        var message = new NotifyMessage(sender, false, false, false, null);
        foreach (Range range in datagram.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = datagram[range];
            message = line switch
            {
                _ when line.SequenceEqual("READY=1"u8) => message with { Ready = true },
                _ when line.SequenceEqual("STOPPING=1"u8) => message with { Stopping = true },
                _ when line.SequenceEqual("WATCHDOG=1"u8) => message with { Watchdog = true },
                _ when line.SequenceEqual("FDSTORE=1"u8) => message with { Stores = true },
                _ when line.SequenceEqual("FDSTOREREMOVE=1"u8) => message with { Forgets = true },
                _ when line.StartsWith("FDNAME="u8) => message with { Name = NameOf(line[7..]) },
                _ when line.StartsWith("STATUS="u8) => message with { Status = Printable(line[7..]) },
                _ => message,
            };
        }

        return message;
    }

    /// <summary>Closes the descriptors that came along; those closed or taken elsewhere already are left alone.</summary>
    public void Dispose()
    {
        foreach (FileDescriptor descriptor in Descriptors)
        {
            descriptor.Dispose();
        }
    }

    /// <summary>Whether descriptors can be kept under a name: LISTEN_FDNAMES separates names by colons.</summary>
    /// <param name="name">The name.</param>
    public static bool IsName(string name) => name.Length is > 0 and <= MaxNameChars && name.All(c => c is > ' ' and < (char)0x7F and not ':');

    private static string NameOf(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text) is var name && IsName(name) ? name : NoName;

    private static string Printable(ReadOnlySpan<byte> text)
    {
        string decoded = Encoding.UTF8.GetString(text);
        int length = Math.Min(decoded.Length, MaxStatusChars);
        if (length < decoded.Length && char.IsHighSurrogate(decoded[length - 1]))
        {
            length--; // Half a character would not survive encoding.
        }

        return string.Create(length, decoded, static (target, source) =>
        {
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = char.IsControl(source[i]) || source[i] is '\u2028' or '\u2029' ? ' ' : source[i];
            }
        });
    }
}
