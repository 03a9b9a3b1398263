using Strata.Ipc;

namespace Strata.Fs.Tests;

/// <summary>Says what an answer must be.</summary>
internal static class Errors
{
    internal static void MustBe(this RpcResponse response, ErrorCode code, string? reason)
    {
        Assert.NotNull(response.Error);
        Assert.Equal((code, reason), (response.Error.Code, response.Error.Reason));
    }
}
