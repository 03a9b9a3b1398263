using Strata.StrataCtl;

return CommandLineProgram.Run(args, Surroundings.OfThisProcess());
