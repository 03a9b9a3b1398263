using Strata.Linux;

namespace Strata.Supervisor;

/// <summary>Where a process that is being spawned writes to. Dispose once it has its copies: what stays open here would never end.</summary>
/// <param name="output">Becomes its standard output.</param>
/// <param name="error">Becomes its standard error.</param>
internal sealed class OutputPipes(FileDescriptor output, FileDescriptor error) : IDisposable
{
    internal int Output => output.Number;

    internal int Error => error.Number;

    public void Dispose()
    {
        output.Dispose();
        error.Dispose();
    }
}
