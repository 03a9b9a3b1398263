using Strata.Exec;

return await ExecProgram.RunAsync(args).ConfigureAwait(false);
