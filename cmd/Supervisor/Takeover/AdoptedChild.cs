using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>A living process that is taken over.</summary>
/// <param name="Name">Its service.</param>
/// <param name="Process">What is known of it.</param>
/// <param name="Handle">Its pidfd.</param>
internal sealed record AdoptedChild(string Name, KeptProcess Process, ChildProcess Handle);
