using System.Buffers.Binary;
using System.Text;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>
/// A second, tiny table behind that of <see cref="BridgeRuleset"/>: what that one has not let through is dropped, also when there is no such table any more. It
/// belongs to a socket of the service, so that nobody who flushes all packet filters takes it away, and ends with it.
/// </summary>
internal static class BridgeGuard
{
    /// <summary>Set in the mark of a packet that was let through.</summary>
    internal const uint Passed = 0x0800_0000;

    private const int Priority = 5; // Behind the filters, which have 0.
    private const ushort BatchBegin = 0x10;
    private const ushort BatchEnd = 0x11;
    private const int TablesSystem = 10;
    private const ushort NewTable = TablesSystem << 8;
    private const ushort NewChain = NewTable | 3;
    private const ushort NewRule = NewTable | 6;
    private const uint OwnedFlag = 2;
    private const uint Accept = 1;
    private const uint Drop = 0;
    private const uint Register = 1;
    private const uint MetaMark = 3;
    private const uint MetaIncoming = 6;
    private const uint MetaOutgoing = 7;
    private const uint Equal = 0;
    private const byte Inet = 1;

    private static readonly (string Name, uint Hook, uint[] Devices)[] Chains =
        [("input", 1, [MetaIncoming]), ("forward", 2, [MetaIncoming, MetaOutgoing]), ("output", 3, [MetaOutgoing])];

    /// <summary>Puts it up.</summary>
    /// <param name="socket">Whose it is: it is there as long as this.</param>
    /// <param name="names">What things are called.</param>
    /// <returns>0, or a negated <see cref="Errno"/>.</returns>
    internal static int TryPutUp(NetlinkSocket socket, BridgeNames names) => socket.TryBatch(Batch(BatchBegin), [.. Messages(names)], Batch(BatchEnd));

    private static IEnumerable<NetlinkMessage> Messages(BridgeNames names)
    {
        yield return Of(NewTable).AddText(1, names.Guard).AddNetworkOrder(2, OwnedFlag);
        foreach (var (name, hook, devices) in Chains)
        {
            yield return Of(NewChain).AddText(1, names.Guard).AddText(3, name).Nest(4, where => where.AddNetworkOrder(1, hook).AddNetworkOrder(2, Priority)).AddNetworkOrder(5, Accept).AddText(7, "filter");
            foreach (uint device in devices)
            {
                yield return Of(NewRule).AddText(1, names.Guard).AddText(2, name).Nest(4, steps => AddSteps(steps, device, names.Devices));
            }
        }
    }

    // Whether the device's name begins like ours; whether the mark lacks the sign; then the end.
    private static void AddSteps(NetlinkMessage steps, uint device, string devices)
    {
        Step(steps, "meta", step => step.AddNetworkOrder(2, device).AddNetworkOrder(1, Register));
        Step(steps, "cmp", step => step.AddNetworkOrder(1, Register).AddNetworkOrder(2, Equal).Nest(3, data => data.Add(1, Encoding.ASCII.GetBytes(devices))));
        Step(steps, "meta", step => step.AddNetworkOrder(2, MetaMark).AddNetworkOrder(1, Register));
        Step(steps, "bitwise", step => step.AddNetworkOrder(1, Register).AddNetworkOrder(2, Register).AddNetworkOrder(3, sizeof(uint)).Nest(4, mask => mask.Add(1, Passed)).Nest(5, flip => flip.Add(1, 0)));
        Step(steps, "cmp", step => step.AddNetworkOrder(1, Register).AddNetworkOrder(2, Equal).Nest(3, data => data.Add(1, 0)));
        Step(steps, "immediate", step => step.AddNetworkOrder(1, 0).Nest(2, data => data.Nest(2, verdict => verdict.AddNetworkOrder(1, Drop))));
    }

    private static void Step(NetlinkMessage steps, string name, Action<NetlinkMessage> fill) => steps.Nest(1, step => step.AddText(1, name).Nest(2, fill));

    private static NetlinkMessage Of(ushort type) => new(type, NetlinkModes.Create | NetlinkModes.Append, [Inet, 0, 0, 0]);

    private static NetlinkMessage Batch(ushort type)
    {
        byte[] head = new byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(2), TablesSystem);
        return new NetlinkMessage(type, NetlinkModes.None, head);
    }
}
