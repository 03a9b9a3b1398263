using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>
/// Which programs a capability may run. Held to the program that is really executed, never to a word of a command: a command is refused, since nobody can
/// tell what a shell makes of it. Pure.
/// </summary>
/// <param name="programs">Their absolute paths inside; null for any.</param>
internal sealed class CommandPolicy(IReadOnlyList<string>? programs)
{
    /// <summary>That of a caller.</summary>
    internal static CommandPolicy Of(CallContext call) => new(SandboxSessions.ClaimsOf(call).Constraints.Sandbox.Commands is { Count: > 0 } commands ? [.. commands] : null);

    /// <summary>Lets a program pass, named by its path from here on.</summary>
    /// <exception cref="SandboxException">It is not among them.</exception>
    internal void Check(ref ProgramWish wish)
    {
        if (programs is null)
        {
            return;
        }

        if (wish.Arguments is not { } arguments)
        {
            throw Refused("this capability names the programs that it may run, and what a shell would run cannot be held to that; give argv, with one of them first");
        }

        // A name alone means the one of them that has it, whatever PATH says inside.
        var program = arguments[0].Contains('/', StringComparison.Ordinal)
            ? programs.FirstOrDefault(p => p == arguments[0])
            : programs.FirstOrDefault(p => p[(p.LastIndexOf('/') + 1)..] == arguments[0]);
        wish = program is null
            ? throw Refused("this capability may not run that program; it names those that it may, by their paths")
            : wish with { Arguments = [program, .. arguments.Skip(1)] };
    }

    private static SandboxException Refused(string message) => new(ErrorCode.PermissionDenied, SandboxReasons.CommandNotAllowed, message);
}
