using Microsoft.Extensions.Logging;
using Strata.Hosting;
using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>
/// The record on disk, in the runtime directory: what it says of processes is worth as long as they are. Replaced whole, without waiting for a disk, since what a
/// crash of the machine could tear is worthless after it. One that cannot be written is removed, for an old one would tell of the wrong processes.
/// </summary>
internal sealed class StateFile(FileDescriptor directory, ILogger log)
{
    internal const string Name = NodeSettings.SupervisorRecord;

    private const int Mode = 0x180; // 0600

    private bool _failing;

    /// <summary>Reads the record of an earlier supervisor.</summary>
    /// <param name="fault">What is wrong with it; null when it was read or there is none.</param>
    internal KeptNode? Read(out string? fault)
    {
        var bytes = BoundedFile.TryRead(directory, Name, KeptText.MaxBytes, out fault);
        return bytes is null ? null : KeptText.Decode(bytes, out fault);
    }

    /// <summary>Replaces the record.</summary>
    internal void Write(KeptNode node)
    {
        try
        {
            DurableFile.Replace(directory, Name, KeptText.Encode(node), Mode, durable: false);
            if (_failing)
            {
                _failing = false;
                log.StateKeptAgain();
            }
        }
        catch (LinuxException e)
        {
            Remove();
            if (!_failing)
            {
                _failing = true;
                log.StateNotKept(e.Message);
            }
        }
    }

    /// <summary>There is nothing to take over.</summary>
    internal void Remove() => PlainFile.Remove(directory, Name);
}
