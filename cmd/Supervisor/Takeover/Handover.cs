using System.Globalization;
using Strata.Linux;

namespace Strata.Supervisor;

/// <summary>
/// What a supervisor hands to the program that it executes in its place: the lock and the listening sockets, by descriptor number, in a variable that nobody
/// else ever sees. Processes are found by the record, and are still this process's children.
/// </summary>
internal sealed class Handover
{
    internal const string Variable = "STRATA_HANDOVER";
    internal const string Refusal = "STRATA_HANDOVER_REFUSED";
    internal const string LockName = "lock";

    private const int MaxDescriptors = 1024;

    private readonly Dictionary<string, FileDescriptor> _descriptors = new(StringComparer.Ordinal);

    /// <summary>Whether there was one.</summary>
    internal bool IsEmpty => _descriptors.Count == 0;

    /// <summary>Why the program that was to follow did not, so that this one goes on; null otherwise.</summary>
    internal string? Refused { get; private init; }

    /// <summary>Takes it from the environment, where it is not left.</summary>
    internal static Handover Take()
    {
        var handover = Parse(Environment.GetEnvironmentVariable(Variable) ?? "", Environment.GetEnvironmentVariable(Refusal));
        Environment.SetEnvironmentVariable(Variable, null);
        Environment.SetEnvironmentVariable(Refusal, null);
        return handover;
    }

    /// <summary>Reads <c>name=number,...</c>; what is not of this form, or not open, is left out.</summary>
    internal static Handover Parse(string text, string? refused)
    {
        var handover = new Handover { Refused = refused };
        foreach (var entry in text.Split(',', StringSplitOptions.RemoveEmptyEntries).Take(MaxDescriptors))
        {
            var parts = entry.Split('=');
            if (parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 2
                && !handover._descriptors.ContainsKey(parts[0]) && Descriptors.TrySetCloseOnExec(number) >= 0)
            {
                handover._descriptors.Add(parts[0], new FileDescriptor(number));
            }
        }

        return handover;
    }

    /// <summary>The text that <see cref="Parse"/> reads; the descriptors stay open through exec from now on.</summary>
    internal static string Of(IEnumerable<(string Name, int Number)> descriptors)
    {
        var all = descriptors.ToList();
        all.ForEach(one => _ = Descriptors.TryClearCloseOnExec(one.Number));
        return string.Join(',', all.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Name}={one.Number}")));
    }

    /// <summary>Takes one out; null when it is not there.</summary>
    internal FileDescriptor? Take(string name) => _descriptors.Remove(name, out var descriptor) ? descriptor : null;

    /// <summary>Takes out a listening socket; null when it is not there or not bound to that path.</summary>
    internal UnixListener? TakeListener(string name, string path)
    {
        try
        {
            return Take(name) is { } descriptor ? UnixListener.Adopt(descriptor, path) : null;
        }
        catch (Exception e) when (e is ArgumentException or LinuxException)
        {
            return null; // Its service is given another one, as after any other loss.
        }
    }

    /// <summary>Closes what nobody took.</summary>
    internal void CloseRest()
    {
        foreach (var descriptor in _descriptors.Values)
        {
            descriptor.Dispose();
        }

        _descriptors.Clear();
    }
}
