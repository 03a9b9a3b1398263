using Strata.Hosting;
using Strata.Sandbox;

return await ServiceHost.RunAsync("sandbox", SandboxService.Build).ConfigureAwait(false);
