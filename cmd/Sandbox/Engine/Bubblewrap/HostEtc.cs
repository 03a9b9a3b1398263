using System.Globalization;

namespace Strata.Sandbox;

/// <summary>The few files of /etc that programs need, of the built-in image; the sandbox's own, so that root inside may change them. Pure.</summary>
internal static class HostEtc
{
    /// <summary>Of the host's /etc, shown read-only where they are: certificates, the choice among alternatives, what the loader has cached.</summary>
    internal static IReadOnlyList<string> Shown { get; } = ["ssl", "ca-certificates", "pki", "alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types", "protocols", "services"];

    /// <summary>Names and texts.</summary>
    internal static IEnumerable<(string Name, string Text)> Files(SandboxPlan plan)
    {
        yield return ("passwd", "root:x:0:0:root:/root:/bin/sh\nsandbox:x:1000:1000:sandbox:/home/sandbox:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n");
        yield return ("group", "root:x:0:\ntty:x:5:\nsandbox:x:1000:\nnogroup:x:65534:\n");
        yield return ("hostname", plan.Hostname + "\n");
        yield return ("hosts", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1 localhost {plan.Hostname}\n::1 localhost\n"));
        yield return ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n");
        yield return ("resolv.conf", "");
        yield return ("shells", "/bin/sh\n/bin/bash\n");
        yield return ("profile", "PS1='\\w\\$ '\n");
    }
}
