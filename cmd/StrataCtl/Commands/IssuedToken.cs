using System.CommandLine;
using Strata.Contracts;
using Strata.Ipc;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary>How a new token is shown, whoever made it.</summary>
internal static class IssuedToken
{
    public static Option<bool> Quiet() => new("--quiet", "-q") { Description = "Print the token and nothing else" };

    public static int Show(Session session, RpcResponse response, bool quiet)
    {
        var issued = response.Get(WireJson.Default.IssueResult);
        if (quiet)
        {
            session.Out.Line(issued.Token);
        }
        else if (session.Out.Json)
        {
            session.Out.Document(response.Result);
        }
        else
        {
            var expires = DateTimeOffset.FromUnixTimeSeconds(issued.Expires);
            session.Out.Fields(
            [
                ("cap_id", issued.CapId),
                ("expires", $"{expires:yyyy-MM-ddTHH:mm:ssZ} (in {Durations.Show(expires - session.Around.Time.GetUtcNow())})"),
                ("token", issued.Token),
            ]);
        }

        return ExitCode.Ok;
    }
}
