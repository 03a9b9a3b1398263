namespace Strata.Sandbox;

/// <summary>Why something inside did not reach what it wanted to; stable, in audit, events and the proxy's own answers.</summary>
internal static class NetworkReasons
{
    internal const string DestinationDenied = "destination_denied";
    internal const string PortDenied = "port_denied";
    internal const string AddressBlocked = "address_blocked";
    internal const string RequestMalformed = "request_malformed";
    internal const string NotResolved = "not_resolved";
    internal const string NotConnected = "not_connected";
    internal const string NameMismatch = "name_mismatch";
    internal const string TlsFailed = "tls_failed";
    internal const string TooManyConnections = "too_many_connections";
    internal const string ProtocolDenied = "protocol_denied";
    internal const string SourceSpoofed = "source_spoofed";
    internal const string ConnectionTimedOut = "connection_timed_out";
}
