namespace Strata.Sandbox;

/// <summary>Which setting of the machine keeps a service from making user namespaces, and what to do about it.</summary>
internal static class NamespaceAdvice
{
    private static readonly (string Path, string Bad, string Advice)[] Settings =
    [
        ("/proc/sys/user/max_user_namespaces", "0", "the machine allows no user namespaces: sysctl user.max_user_namespaces=10000"),
        ("/proc/sys/kernel/unprivileged_userns_clone", "0", "only root may make user namespaces: sysctl kernel.unprivileged_userns_clone=1, or run the node as root"),
        ("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1",
            "AppArmor takes the privileges in user namespaces from programs without a profile: sysctl kernel.apparmor_restrict_unprivileged_userns=0, or run the node as root"),
    ];

    /// <summary>Of this machine; null when no setting stands in the way.</summary>
    internal static string? Here() => Of(path => File.Exists(path) ? File.ReadAllText(path) : null, Linux.UserId.Effective == 0);

    /// <summary>Of a machine whose settings are given. Pure.</summary>
    internal static string? Of(Func<string, string?> read, bool root) => Settings
        .Where(setting => read(setting.Path)?.Trim() == setting.Bad && !(root && setting.Path != Settings[0].Path))
        .Select(setting => setting.Advice).FirstOrDefault();
}
