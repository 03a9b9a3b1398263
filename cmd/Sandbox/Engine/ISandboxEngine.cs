namespace Strata.Sandbox;

/// <summary>Makes isolated sandboxes. The seam behind which another engine (an OCI runtime, a virtual machine) can stand.</summary>
internal interface ISandboxEngine
{
    /// <summary>Its name, as <c>engine</c> of <c>sandbox.create</c> has it.</summary>
    string Name { get; }

    /// <summary>What this machine can and cannot do, each with the remedy for what is missing. Probed once, by doing it.</summary>
    EngineReport Report { get; }

    /// <summary>The kinds of network it can give: <c>none</c>, and what else it has learned.</summary>
    IReadOnlyList<string> Networks => ["none"];

    /// <summary>The limits that nothing on this machine can hold, as <c>limits</c> of <c>sandbox.create</c> has them; a plan that has one is refused.</summary>
    IReadOnlyList<string> NotEnforced => [];

    /// <summary>Makes a sandbox and waits until processes can be started in it.</summary>
    /// <param name="plan">What it shall be.</param>
    /// <param name="cancellation">Ends the making; nothing stays behind.</param>
    /// <exception cref="SandboxException">It cannot be made; says what is missing and what to do.</exception>
    Task<ISandbox> CreateAsync(SandboxPlan plan, CancellationToken cancellation);

    /// <summary>Ends and removes whatever an earlier process of this service left under a sandbox's id: processes, groups, mounts.</summary>
    /// <param name="id">The id its plan had.</param>
    void CleanUp(string id);

    /// <summary>Removes a directory of changes of a sandbox that has ended, whoever owns what is in it.</summary>
    /// <param name="changesDirectory">The directory its plan had.</param>
    void Discard(string changesDirectory) => ChangesRemoval.Run(changesDirectory);
}
