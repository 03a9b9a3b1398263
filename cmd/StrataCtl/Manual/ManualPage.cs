namespace Strata.StrataCtl.Manual;

/// <summary>One page.</summary>
/// <param name="Name">What man(1) is asked for.</param>
/// <param name="Section">Its section.</param>
/// <param name="Text">The page in roff.</param>
internal sealed record ManualPage(string Name, int Section, string Text)
{
    /// <summary>Where it lies below a directory of manuals.</summary>
    public string Path => $"man{Section}/{Name}.{Section}";
}
