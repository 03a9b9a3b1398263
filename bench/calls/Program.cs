using Strata.Bench;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;

if (args is ["--limiter"])
{
    RateLimiterCost.Print(Console.Out);
    return 0;
}

// The same method twice, once for anybody and once for who holds a right: what lies between them is authorization.
return await ServiceHost.RunAsync(
    "calls",
    new UnaryMethod<NoParams, StatusResult>(
        "calls.anybody", "Answers.", Access.Open, () => ContractsJson.Default.NoParams, () => ContractsJson.Default.StatusResult, (_, _) => (Reply<StatusResult>)new StatusResult("done")),
    new UnaryMethod<NoParams, StatusResult>(
        "calls.holder", "Answers.", Access.Right("calls.holder"), () => ContractsJson.Default.NoParams, () => ContractsJson.Default.StatusResult, (_, _) => (Reply<StatusResult>)new StatusResult("done"))).ConfigureAwait(false);
