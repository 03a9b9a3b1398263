using System.Globalization;
using System.Text;
using Strata.Hosting;
using Strata.Linux;

namespace Strata.Identity;

/// <summary>
/// Keeps the names of the verifiers on disk, so that identity, after a restart, still counts those that have not come back.
/// One line a verifier: <c>UID NAME</c>, the name in hex. Written only when it changes.
/// </summary>
internal sealed class VerifierRegister
{
    internal const string FileName = "verifiers";
    private const int MaxFileBytes = 64 * 1024;

    private readonly Lock _saving = new();
    private readonly IdentityDirectory _directory;
    private string _saved;

    private VerifierRegister(IdentityDirectory directory, string saved) => (_directory, _saved) = (directory, saved);

    /// <summary>Reads the register.</summary>
    /// <exception cref="SettingsException">It is damaged.</exception>
    internal static (VerifierRegister Register, IReadOnlyList<VerifierName> Known) Open(IdentityDirectory directory)
    {
        var text = Encoding.UTF8.GetString(directory.TryRead(FileName, MaxFileBytes) ?? []);
        var known = new List<VerifierName>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            known.Add(Parse(line) ?? throw new SettingsException(
                $"{Path.Combine(directory.Path, FileName)} is damaged; it may be removed once every service of the node has been stopped"));
        }

        return (new VerifierRegister(directory, text), known);
    }

    /// <summary>Writes the names when they differ from what is on disk. The last caller's view is what stays.</summary>
    /// <param name="current">Asked for under the register's lock, so that an older view never replaces a newer one.</param>
    /// <exception cref="LinuxException">They could not be written.</exception>
    internal void Save(Func<IEnumerable<VerifierName>> current)
    {
        lock (_saving)
        {
            var text = string.Concat(current()
                .Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Uid} {Convert.ToHexStringLower(Encoding.UTF8.GetBytes(v.Name))}\n"))
                .Order(StringComparer.Ordinal));
            if (text != _saved)
            {
                _directory.Replace(FileName, Encoding.ASCII.GetBytes(text));
                _saved = text;
            }
        }
    }

    private static VerifierName? Parse(string line)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0 || !uint.TryParse(line.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out var uid))
        {
            return null;
        }

        try
        {
            return new VerifierName(Encoding.UTF8.GetString(Convert.FromHexString(line.AsSpan(space + 1))), uid);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
