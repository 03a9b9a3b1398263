using Strata.Sandbox;
using static Strata.Fuzz.Tests.BrokenInvariantException;

namespace Strata.Fuzz.Tests;

/// <summary>A message to the SOCKS proxy of a sandbox, of the kind that the first byte says: whole or not, and then the same however much follows.</summary>
internal sealed class SocksTarget : FuzzTarget
{
    internal override string Name => "socks";

    internal override int MaxBytes => 1024;

    internal override int Costs => 10;

    internal override IReadOnlyList<byte[]> Tokens { get; } =
        [[0], [1], [2], [5, 1, 0], [5, 2, 0, 2], [1, 1, 65, 1, 66], [5, 1, 0, 1, 127, 0, 0, 1, 0, 80], [5, 1, 0, 3, 1, 97, 0, 80], [5, 1, 0, 3], [5, 1, 0, 4, .. new byte[10], 255, 255, 127, 0, 0, 1, 1, 187], [255], .. Texts("example.org", "::1", "[::1]", "127.1")];

    internal override Outcome Execute(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            return new Outcome(false, "empty");
        }

        var kind = input[0] % 3;
        var bytes = input[1..];
        try
        {
            var (length, said) = Read(kind, bytes);
            if (length is not { } whole)
            {
                return new Outcome(false, "not whole", kind);
            }

            Unless(whole > 0 && whole <= bytes.Length && whole <= SocksMessage.MaxBytes, "a message is longer than what is there, or than any");
            Unless(Read(kind, bytes[..whole]).Equals((length, said)), "what follows a message changes it");
            for (var cut = 0; cut < whole; cut += 1 + (whole / 16))
            {
                Unless(Read(kind, bytes[..cut]).Length is null, "a message is whole before it ends");
            }

            return new Outcome(true, null, kind + (said is Destination { Name: null } ? 4 : said is byte method ? method * 8 : 0));
        }
        catch (NetworkFault e)
        {
            Unless(SocksMessage.StatusOf(e) is > 0 and < 9, "a fault without a number");
            return new Outcome(false, e.Message, kind);
        }
    }

    private static (int? Length, object? Said) Read(int kind, ReadOnlySpan<byte> bytes)
    {
        switch (kind)
        {
            case 0:
                var greeting = SocksMessage.ReadGreeting(bytes);
                return (greeting?.Length, greeting?.Method);
            case 1:
                return (SocksMessage.ReadPassword(bytes), null);
            default:
                var request = SocksMessage.ReadRequest(bytes);
                Unless(request is not { } found || Destination.Parse(found.To.ToString(), null) == found.To, "a destination is another one when it is read again");
                return (request?.Length, request?.To);
        }
    }
}
