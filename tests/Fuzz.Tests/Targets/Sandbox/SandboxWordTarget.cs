using System.Text;
using System.Text.RegularExpressions;
using Strata.Contracts;
using Strata.Sandbox;
using static Strata.Fuzz.Tests.BrokenInvariantException;

namespace Strata.Fuzz.Tests;

/// <summary>
/// The short texts of sandboxes, of the kind that the first letter says: lines before chunks, network rules, images of registries, names of sessions, programs
/// under a capability's list. Each means what a plain reading says, and the same when its written form is read again.
/// </summary>
internal sealed partial class SandboxWordTarget : FuzzTarget
{
    internal override string Name => "sandbox-word";

    internal override int MaxBytes => 1024;

    internal override int Costs => 10;

    internal override IReadOnlyList<byte[]> Tokens { get; } = Texts(
        "c", "r", "i", "n", "p", "0", "ff", ";x=1", "7fffffffffffffff", "-1", " ", "*", "*.", "example.org", "192.0.2.0/24", "2001:db8::/32", "::ffff:1.2.3.4", "127.1", "0x7f000001", "/", "@", ":", "..", "docker.io/library/alpine:3.20",
        "@sha256:", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "localhost:5000/a", "A", "a.b_c-d", "\n", "\0", ",", "/usr/bin/id", "id", "./id", "/usr/bin/../bin/id", "é", "%");

    internal override Outcome Execute(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            return new Outcome(false, "empty");
        }

        var rest = input[1..];
        try
        {
            return (char)input[0] switch
            {
                'c' => Chunk(rest),
                'r' => Rule(Encoding.UTF8.GetString(rest)),
                'i' => Image(Encoding.UTF8.GetString(rest)),
                'n' => SessionName(Encoding.UTF8.GetString(rest)),
                'p' => Programs(Encoding.UTF8.GetString(rest)),
                _ => new Outcome(false, "no kind"),
            };
        }
        catch (NetworkFault e)
        {
            return new Outcome(false, e.Message, 'c');
        }
        catch (SandboxException e)
        {
            return new Outcome(false, e.Reason, input[0]);
        }
    }

    private static Outcome Chunk(ReadOnlySpan<byte> line)
    {
        var size = ChunkLine.Parse(line);
        long plain = 0;
        var at = 0;
        for (; at < line.Length && char.IsAsciiHexDigit((char)line[at]); at++)
        {
            plain = (plain * 16) + Convert.ToInt32(((char)line[at]).ToString(), 16);
        }

        Unless(at is > 0 and <= 15 && plain == size && size >= 0, "a chunk has another size");
        Unless(line[at..].TrimStart(" \t"u8) is var tail && (tail.IsEmpty || tail[0] == ';'), "a chunk's size is followed by something else");
        return new Outcome(true, null, 256 + Math.Min(at, 3));
    }

    private static Outcome Rule(string text)
    {
        var rule = NetworkRule.Read(new SandboxDestination(text), out var fault);
        if (rule is null)
        {
            Unless(fault is not null, "a rule is refused without a word");
            return new Outcome(false, fault is null ? null : fault[Math.Min(fault.Length, text.Length)..]);
        }

        Unless(fault is null, "a rule that is taken and refused");

        Unless(NetworkRule.Read(new SandboxDestination(rule.To), out _) is { } again && again.To == rule.To, "a rule means something else when it is read again");
        Unless(rule.Domain is null != rule.Range is null, "a rule for names and addresses");
        Unless(rule.Range is not { } range || rule.IsOf(range.BaseAddress), "a range does not hold its own beginning");
        Unless(rule.Domain is not { } domain || domain.StartsWith('*') || rule.IsOf(domain), "a name does not cover itself");
        Unless(rule.Domain is not ['*', '.', .. var beneath] || (rule.IsOf("x." + beneath) && !rule.IsOf(beneath)), "beneath a name lies something else");
        return new Outcome(true, null, 512 + (rule.Range is null ? 1 : 0) + (rule.Domain?.StartsWith('*') is true ? 2 : 0));
    }

    private static Outcome Image(string text)
    {
        var reference = ImageReference.Parse(text);
        Unless(ImageReference.Parse(reference.Name) == reference, "an image is another one by its own name");
        var address = new Uri($"https://{reference.Registry}/v2/{reference.Repository}/manifests/{reference.Tag ?? reference.Digest!.Value.ToString()}");
        Unless(address.Authority == reference.Registry || address.Authority + ":443" == reference.Registry, "an image is fetched from another registry");
        Unless(address.UserInfo.Length == 0 && address.Query.Length == 0 && address.AbsolutePath == $"/v2/{reference.Repository}/manifests/{reference.Tag ?? reference.Digest!.Value.ToString()}", "an image is fetched from another place");
        return new Outcome(true, null, 1024 + (reference.Digest is null ? 0 : 1));
    }

    private static Outcome SessionName(string text)
    {
        var taken = SessionRequest.IsName(text);
        Unless(taken == (NamePattern().IsMatch(text) && !text.EndsWith('\n')), "a name is taken by one reading and not by the other");
        Unless(!taken || (Path.GetFileName(text) == text && text is not ("." or "..")), "a name that leads elsewhere");
        return new Outcome(taken, taken ? null : "no name", 2048);
    }

    private static Outcome Programs(string text)
    {
        var lines = text.Split('\n', 2);
        string[] programs = [.. lines[0].Split(',').Where(path => path.StartsWith('/'))];
        var wanted = lines.Length > 1 ? lines[1] : "";
        var wish = new ProgramWish { Arguments = [wanted, "--an-argument"] };
        new CommandPolicy(programs).Check(ref wish);
        var run = wish.Arguments![0];
        Unless(programs.Contains(run, StringComparer.Ordinal), "a program runs that the list does not have");
        Unless(wanted.Contains('/', StringComparison.Ordinal) ? run == wanted : run.Split('/')[^1] == wanted, "another program runs than was asked for");
        Unless(wish.Arguments.Count == 2 && wish.Arguments[1] == "--an-argument", "its arguments are others");
        return new Outcome(true, null, 4096);
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
