using System.Runtime.InteropServices;

namespace Strata.Policy;

/// <summary>The library behind signatures and hashes, for whoever wants to know which one there is.</summary>
public static unsafe class SodiumLibrary
{
    /// <summary>What was loaded, a path beside the program or a name that the system found, and its version; null when there is none.</summary>
    public static (string Place, string Version)? Find()
    {
        try
        {
            var version = Marshal.PtrToStringUTF8((nint)SodiumNative.VersionString()) ?? "";
            return (SodiumNative.LoadedFrom ?? "", version);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            return null;
        }
    }
}
