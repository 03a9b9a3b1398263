using Strata.Fs;
using Strata.Hosting;

return await ServiceHost.RunAsync("fs", FsService.Build).ConfigureAwait(false);
