using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Carries out a <see cref="SpawnRequest"/> on the calling thread.</summary>
internal static class Spawner
{
    internal static ChildProcess Spawn(SpawnRequest request)
    {
        if (request.IsConfined)
        {
            return ConfinedSpawn.Spawn(request);
        }

        using var prepared = PreparedSpawn.Of(request, hold: false);
        int pid = prepared.TrySpawn();
        return Open(request, prepared.Finish(pid, request.BeforeStart), keeper: null);
    }

    /// <summary>The child of a spawn that came to its exec.</summary>
    internal static ChildProcess Open(SpawnRequest request, int pid, IDisposable? keeper) => ChildProcess.Open(pid, request.NewSession, keeper, request.Group);
}
