using System.Globalization;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>A terminal of the devpts inside, opened from outside.</summary>
internal sealed class BubblewrapTerminal : SandboxTerminal
{
    internal BubblewrapTerminal(int init, uint owner, int rows, int columns)
    {
        Controller = PseudoTerminal.Open(string.Create(CultureInfo.InvariantCulture, $"/proc/{init}/root/dev/pts/ptmx"));
        try
        {
            Program = PseudoTerminal.OpenPeer(Controller, owner);
            Resize(rows, columns);
        }
        catch
        {
            Program?.Dispose();
            Controller.Dispose();
            throw;
        }
    }

    internal override FileDescriptor Controller { get; }

    /// <summary>The end that programs have.</summary>
    internal FileDescriptor Program { get; }

    internal override void Resize(int rows, int columns) => PseudoTerminal.Resize(Controller, rows, columns);

    public override void Dispose()
    {
        Program.Dispose();
        Controller.Dispose();
    }
}
