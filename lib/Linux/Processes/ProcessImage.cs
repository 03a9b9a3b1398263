using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Another program in place of this one, in the same process: the pid, the children and the descriptors without close-on-exec stay.</summary>
public static unsafe class ProcessImage
{
    /// <summary>Executes a program. Every other thread of the process ends first; only a failure returns.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="arguments">Its arguments, its own name first.</param>
    /// <param name="environment">The whole environment as <c>NAME=value</c>.</param>
    /// <returns>A negated <see cref="Errno"/>; nothing has changed then.</returns>
    public static int TryReplace(string program, IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        using var path = new CStringArray([program]);
        using var given = new CStringArray(arguments);
        using var variables = new CStringArray(environment);
        return Libc.Result(Libc.execve(*path.Pointer, given.Pointer, variables.Pointer));
    }
}
