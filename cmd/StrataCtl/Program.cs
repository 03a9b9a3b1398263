using Strata.StrataCtl;

return await CommandLineProgram.RunAsync(args, Surroundings.OfThisProcess()).ConfigureAwait(false);
