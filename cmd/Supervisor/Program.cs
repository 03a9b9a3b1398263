using Strata.Supervisor;

return await CommandLine.RunAsync(args, Console.Out, Console.Error, SupervisorProgram.RunAsync).ConfigureAwait(false);
