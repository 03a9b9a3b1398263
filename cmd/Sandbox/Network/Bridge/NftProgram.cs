using System.Text;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Runs nft, one at a time: each is one transaction, which the kernel takes whole or not at all.</summary>
/// <param name="thread">Where it is started from.</param>
internal sealed class NftProgram(SpawnThread thread) : IDisposable
{
    private const int MaxSaidBytes = 4096;
    private readonly SemaphoreSlim _turn = new(1);

    private static readonly string[] Usual = ["/usr/sbin", "/sbin", "/usr/bin"];

    /// <summary>Where the program is; null for nowhere.</summary>
    internal static string? Path { get; } = HostProgram.Find("nft", Usual, Environment.GetEnvironmentVariable("PATH"), File.Exists);

    /// <summary>Has a text of commands done.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="checkOnly">Whether the kernel is only asked whether it would.</param>
    /// <returns>What was wrong, in one line; null when all was done.</returns>
    internal async Task<string?> RunAsync(string commands, bool checkOnly = false)
    {
        if (Path is not { } program)
        {
            return "nft is not installed";
        }

        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            return await RunAsync(program, commands, checkOnly).ConfigureAwait(false);
        }
        catch (LinuxException e)
        {
            return e.Message;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<string?> RunAsync(string program, string commands, bool checkOnly)
    {
        using var input = MemoryFile.Of("strata-nft", Encoding.ASCII.GetBytes(commands));
        using var said = MemoryFile.Of("strata-nft-said", []);
        using var process = await thread.SpawnAsync(new SpawnRequest
        {
            Program = program, Arguments = checkOnly ? ["nft", "-c", "-f", "-"] : ["nft", "-f", "-"], Environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"],
            StandardInput = input.Number, StandardOutput = said.Number, StandardError = said.Number, WorkingDirectory = "/", EndsWithParent = true,
        }).ConfigureAwait(false);
        var exit = await Task.Run(() =>
        {
            _ = process.ReapAtEnd(out var ended);
            return ended;
        }).ConfigureAwait(false);
        return exit.Code == 0 ? null : FirstLine(said) ?? $"nft ended with {exit}";
    }

    private static string? FirstLine(FileDescriptor said)
    {
        byte[] text = new byte[MaxSaidBytes];
        using var again = File.OpenHandle($"/proc/self/fd/{said.Number}");
        int count = RandomAccess.Read(again, text, 0);
        return Encoding.UTF8.GetString(text, 0, count).Split('\n', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
    }
}
