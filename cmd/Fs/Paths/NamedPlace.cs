using Strata.Linux;

namespace Strata.Fs;

/// <summary>A name in a directory that was opened beneath a root; whether anything has the name is another matter.</summary>
/// <param name="Directory">The open directory.</param>
/// <param name="Name">One part of a path.</param>
internal readonly record struct NamedPlace(FileDescriptor Directory, byte[] Name)
{
    /// <summary>Opens the directory of a path's last name and works there; a negated error number of the work is one of a change.</summary>
    internal static PathOutcome Of(BeneathRoot root, byte[] path, Func<NamedPlace, int> work)
    {
        var opened = root.TryOpenParent(path, out var name);
        if (opened < 0)
        {
            return PathOutcome.Of(opened);
        }

        using var directory = new FileDescriptor(opened);
        var verdict = root.JudgeEntry(directory, name);
        return verdict < 0 ? PathOutcome.Of(verdict) : PathOutcome.OfChange(work(new NamedPlace(directory, name.ToArray())));
    }

    /// <summary>The same for two paths beneath one root.</summary>
    internal static PathOutcome Of(BeneathRoot root, byte[] path, byte[] other, Func<NamedPlace, NamedPlace, int> work)
    {
        PathOutcome second = default;
        var first = Of(root, path, place =>
        {
            second = Of(root, other, target => work(place, target));
            return 0;
        });
        return first.Error is null ? second : first;
    }
}
