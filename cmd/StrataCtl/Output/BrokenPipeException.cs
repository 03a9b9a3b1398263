namespace Strata.StrataCtl.Output;

/// <summary>The reader of standard output has gone away.</summary>
internal sealed class BrokenPipeException() : IOException("the reader of standard output has gone away");
