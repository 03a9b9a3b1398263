using Microsoft.Win32.SafeHandles;

namespace Strata.Supervisor;

/// <summary>The terminal from which the supervisor was started, if any.</summary>
internal static class ControllingTerminal
{
    private const string Device = "/dev/tty";

    /// <summary>Whether there is one; it is none once it has hung up.</summary>
    internal static bool Exists()
    {
        try
        {
            using SafeFileHandle handle = File.OpenHandle(Device);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
