using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>The methods for a session's files.</summary>
internal sealed partial class SandboxService
{
    private SandboxFileMethods? _fileMethods;

    private SandboxFileMethods Files => _fileMethods ??=
        new SandboxFileMethods(new SandboxFileOptions(), new FileSpaces((call, name) => SessionSpaces.Open(FindOwn(call, name)), Workspaces.Open), _audit, _time);

    private IReadOnlyList<Method> FileMethods => Files.Methods;
}
