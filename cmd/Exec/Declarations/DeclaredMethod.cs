using Strata.Ipc;

namespace Strata.Exec;

/// <summary>One method that a program carries out.</summary>
/// <param name="Name">Its full name.</param>
/// <param name="Program">Absolute path of the program.</param>
/// <param name="Arguments">Its arguments, the same for every call: what a caller sends never becomes one.</param>
internal sealed record DeclaredMethod(string Name, string Program, IReadOnlyList<string> Arguments)
{
    internal string Summary { get; init; } = "";

    internal required Access Access { get; init; }

    internal required ObjectShape Params { get; init; }

    internal required ObjectShape Result { get; init; }

    internal OutputKind Output { get; init; }

    internal TimeSpan Timeout { get; init; } = ExecLimits.DefaultTimeout;
}
