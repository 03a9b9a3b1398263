using Strata.Supervision;
using Strata.Supervisor;

return await CommandLine.RunAsync(args, () => SupervisorProgram.RunAsync(BuiltInManifests.All)).ConfigureAwait(false);
