namespace Strata.Sandbox;

/// <summary>How an archive is packed.</summary>
internal enum Packing
{
    None,
    Gzip,
    Zstandard,
}
