namespace Strata.Sandbox;

/// <summary>By what an upload is found again: who began it, and all that was said of it.</summary>
/// <param name="Owner">Whose it is.</param>
/// <param name="Capability">The capability that began it.</param>
/// <param name="Session">The session; null for a workspace.</param>
/// <param name="Workspace">The workspace; null for a session.</param>
/// <param name="Path">The path as the caller named it.</param>
/// <param name="Mode">Its permission bits.</param>
/// <param name="Replace">Whether it may take the place of what is there.</param>
/// <param name="Name">What its sender calls it.</param>
internal sealed record UploadPlace(string Owner, string Capability, string? Session, string? Workspace, string Path, int Mode, bool Replace, string Name);
