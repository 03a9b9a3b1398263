namespace Strata.Sandbox;

/// <summary>A fault that SOCKS has a number of its own for.</summary>
internal sealed class SocksFault(byte status, string message) : NetworkFault(NetworkFaultKind.Malformed, NetworkReasons.RequestMalformed, message)
{
    internal const byte CommandUnknown = 7;
    internal const byte AddressUnknown = 8;

    internal byte Status { get; } = status;
}
