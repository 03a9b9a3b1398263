namespace Strata.Linux;

/// <summary>Flags of a <see cref="NetlinkMessage"/>.</summary>
[Flags]
public enum NetlinkModes
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>It asks for something. Set by <see cref="NetlinkSocket"/>.</summary>
    Request = 1,

    /// <summary>It is to be acknowledged. Set by <see cref="NetlinkSocket"/>.</summary>
    Acknowledge = 4,

    /// <summary>Of what there is already, nothing is taken.</summary>
    Exclusive = 0x200,

    /// <summary>What is not there is made.</summary>
    Create = 0x400,

    /// <summary>It comes behind what there is.</summary>
    Append = 0x800,
}
