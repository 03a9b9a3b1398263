using System.Globalization;

namespace Strata.Sandbox;

/// <summary>The few files of /etc that programs need, of the built-in image; the sandbox's own, so that root inside may change them. Pure.</summary>
internal static class HostEtc
{
    /// <summary>Of the host's /etc, shown read-only where they are: certificates, the choice among alternatives, what the loader has cached.</summary>
    internal static IReadOnlyList<string> Shown { get; } = ["ssl", "ca-certificates", "pki", "alternatives", "ld.so.cache", "ld.so.conf.d"];

    /// <summary>Of the host's /etc, files that hardly change: what lies beneath all sandboxes has them as they were when the service began, since each mount costs every sandbox.</summary>
    internal static IReadOnlyList<string> Copied { get; } = ["ld.so.conf", "localtime", "mime.types", "protocols", "services"];

    /// <summary>Names and texts.</summary>
    internal static IReadOnlyList<(string Name, string Text)> Files(string hostname) =>
    [
        ("passwd", "root:x:0:0:root:/root:/bin/sh\nsandbox:x:1000:1000:sandbox:/home/sandbox:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"),
        ("group", "root:x:0:\ntty:x:5:\nsandbox:x:1000:\nnogroup:x:65534:\n"),
        .. NamesOf(hostname),
        ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"),
        Resolver([]),
        ("shells", "/bin/sh\n/bin/bash\n"),
        ("profile", "PS1='\\w\\$ '\n"),
    ];

    /// <summary>Those that hold the sandbox's own name.</summary>
    internal static IReadOnlyList<(string Name, string Text)> NamesOf(string hostname) =>
        [("hostname", hostname + "\n"), ("hosts", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1 localhost {hostname}\n::1 localhost\n"))];

    /// <summary>Who is asked for names; the file is empty where nobody is.</summary>
    internal static (string Name, string Text) Resolver(IEnumerable<string> servers) => ("resolv.conf", string.Concat(servers.Select(server => $"nameserver {server}\n")));
}
