namespace Strata.Sandbox;

/// <summary>What an entry of an archive is.</summary>
internal enum TarKind
{
    File,
    Directory,
    Link,
    HardLink,
    Fifo,
    Device,
}
