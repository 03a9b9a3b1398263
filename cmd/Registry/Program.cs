using Strata.Hosting;
using Strata.Registry;

return await ServiceHost.RunAsync("registry", RegistryService.Build).ConfigureAwait(false);
