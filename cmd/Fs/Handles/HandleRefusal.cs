namespace Strata.Fs;

/// <summary>Why a handle found no room.</summary>
internal enum HandleRefusal
{
    /// <summary>It found room.</summary>
    None,

    /// <summary>The capability has as many as one may have.</summary>
    CapabilityFull,

    /// <summary>The service has as many as it takes.</summary>
    ServiceFull,
}
