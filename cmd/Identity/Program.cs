using Strata.Hosting;
using Strata.Identity;

return await ServiceHost.RunAsync("identity", IdentityService.Build).ConfigureAwait(false);
