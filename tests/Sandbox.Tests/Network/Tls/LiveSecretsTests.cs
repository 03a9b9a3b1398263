using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Strata.Contracts;

namespace Strata.Sandbox.Tests;

/// <summary>Real programs in real sandboxes, and a host of the test's own certificate outside.</summary>
public sealed class LiveSecretsTests : IDisposable, INameResolver
{
    private const string Value = "s3cr3t-value-of-the-test";
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
    private const string References = "001e# service=git-upload-pack\n0000003c0123456789abcdef0123456789abcdef01234567 refs/heads/ok\0\n0000"; // As gitprotocol-http(5) has them.
    private readonly X509Certificate2 _certificate = TestTls.Certificate("api.example");
    private readonly LoopbackServer _server = new();

    [Theory]
    [InlineData("/usr/bin/curl", "curl -sS -H \"Authorization: Bearer $API_KEY\" https://api.example:PORT/")]
    [InlineData("/usr/bin/curl", "curl -sS --socks5-hostname 127.0.0.1:1080 -H \"Authorization: Bearer $API_KEY\" https://api.example:PORT/")]
    [InlineData("/usr/bin/curl", "unset ${!SSL_CERT@} CURL_CA_BUNDLE; curl -sS --cacert /run/strata/ca.pem -H \"Authorization: Bearer $API_KEY\" https://api.example:PORT/")]
    [InlineData("/usr/bin/python3", "python3 -c 'import os,urllib.request as u; print(u.urlopen(u.Request(\"https://api.example:PORT/\", headers={\"Authorization\": \"Bearer \" + os.environ[\"API_KEY\"]})).read().decode())'")]
    [InlineData("/usr/bin/openssl", "printf 'GET / HTTP/1.1\\r\\nHost: api.example:PORT\\r\\nAuthorization: Bearer %s\\r\\n\\r\\n' $API_KEY | openssl s_client -quiet -proxy 127.0.0.1:3128 -connect api.example:PORT -servername api.example -verify_return_error")]
    [InlineData("/usr/bin/git", "git -c http.extraHeader=\"Authorization: Bearer $API_KEY\" ls-remote https://api.example:PORT/its.git", "application/x-git-upload-pack-advertisement", References)]
    [InlineData("/usr/bin/node", """
        node -e 'const [host, port] = ["api.example", PORT], path = host + ":" + port;
        require("http").request({ host: "127.0.0.1", port: 3128, method: "CONNECT", path }).on("connect", (_, socket) => require("https")
          .get({ host, port, socket, agent: false, headers: { Authorization: "Bearer " + process.env.API_KEY } }, answer => answer.pipe(process.stdout))).end()'
        """)]
    public async Task Programs_speak_tls_to_the_host_and_trust_it(string program, string command, string type = "text/plain", string content = "ok")
    {
        Assert.SkipUnless(File.Exists(program), $"{program} is not installed");
        await using var engine = new EngineFixture();
        await using var node = await StartAsync(engine);
        var client = await node.ConnectAsync();
        await CreateAsync(client);
        var answer = string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Length: {content.Length}\r\nConnection: close\r\n\r\n{content}");
        var answering = _server.AnswerAsync(answer, wrap: async stream => await TestTls.EncryptAsync(stream, _certificate));
        var ran = await client.RunAsync(command.Replace("PORT", _server.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        Assert.True(ran.Output.Trim().EndsWith("ok", StringComparison.Ordinal), ran.Output + ran.Errors);
        Assert.Contains($"\r\nAuthorization: Bearer {Value}\r\n", await answering, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_session_shows_its_hosts_and_its_file_and_nobody_finds_the_value_or_a_key()
    {
        await using var engine = new EngineFixture();
        await using var node = await StartAsync(engine);
        var client = await node.ConnectAsync();
        await CreateAsync(client, ",\"environment\":{\"CURL_CA_BUNDLE\":\"/mine\"}");
        Assert.Equal([$"api.example:{_server.Port}"], (await client.InfoAsync("s")).TlsHosts);
        Assert.Equal([$"api.example:{_server.Port}"], (await client.GetAsync("network", """{"session":"s"}""", ContractsJson.Default.SandboxNetworkResult)).TlsHosts);
        var names = (await client.RunAsync("echo $SSL_CERT_FILE $NODE_EXTRA_CA_CERTS $GIT_SSL_CAINFO $AWS_CA_BUNDLE $CURL_CA_BUNDLE")).Output;
        Assert.Equal("/run/strata/ca.pem /run/strata/ca.pem /run/strata/ca.pem /run/strata/ca.pem /mine\n", names);

        // The image's own, which the host's image has from the host, and behind them the session's.
        var file = (await client.RunAsync("cat /run/strata/ca.pem")).Output;
        Assert.EndsWith(AuthorityOf(node).Pem + "\n", file, StringComparison.Ordinal);
        const string Roots = "/etc/ssl/certs/ca-certificates.crt";
        Assert.StartsWith(File.Exists(Roots) ? await File.ReadAllTextAsync(Roots) : "", file, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", file, StringComparison.Ordinal);
        Assert.NotEqual(0, (await client.RunAsync("echo x > /run/strata/ca.pem || rm /run/strata/ca.pem")).End.ExitCode);

        // Fake programs for the file, too, may only be of the session's hosts.
        var inside = await client.RunAsync("env; cat /proc/*/environ /proc/*/cmdline; grep -rs 'PRIVATE KEY\\|" + Value[..6] + "\"\"" + Value[6..] + "' /run /tmp /etc/hosts");
        Assert.DoesNotContain(Value, inside.Output + inside.Errors, StringComparison.Ordinal);
        foreach (var path in Directory.EnumerateFiles(Path.GetDirectoryName(node.SessionsDirectory)!, "*", SearchOption.AllDirectories).Where(path => new FileInfo(path).LinkTarget is null))
        {
            var text = await File.ReadAllTextAsync(path);
            Assert.DoesNotContain(Value, text, StringComparison.Ordinal);
            Assert.DoesNotContain("PRIVATE KEY", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_first_use_of_a_host_is_told_and_recorded_once_without_the_value()
    {
        await using var engine = new EngineFixture();
        await using var node = await StartAsync(engine);
        var client = await node.ConnectAsync();
        using var end = new CancellationTokenSource();
        await using var events = client.StreamAsync("events", "{}", end.Token).GetAsyncEnumerator(end.Token);
        Assert.True(await events.MoveNextAsync().AsTask().Soon());
        await CreateAsync(client);
        Assert.True(await events.MoveNextAsync().AsTask().Soon());
        var host = string.Create(CultureInfo.InvariantCulture, $"api.example:{_server.Port}");
        for (var i = 0; i < 2; i++)
        {
            var answering = _server.AnswerAsync(Ok, wrap: async stream => await TestTls.EncryptAsync(stream, _certificate));
            var ran = await client.RunAsync($"exec 3<>/dev/tcp/127.0.0.1/3128; printf 'GET http://{host}/ HTTP/1.1\\r\\nHost: {host}\\r\\nX-Key: %s\\r\\n\\r\\n' $API_KEY >&3; cat <&3; exec 3>&-");
            Assert.EndsWith("ok", ran.Output, StringComparison.Ordinal);
            Assert.Contains(Value, await answering, StringComparison.Ordinal);
        }

        Assert.True(await events.MoveNextAsync().AsTask().Soon());
        var told = events.Current.Get(ContractsJson.Default.SandboxEvent);
        Assert.Equal(("secret_used", "s", "API_KEY", host), (told.Kind, told.Session, told.Reason, told.Target));
        await end.CancelAsync();
        await client.StatusAsync("close", "s");
        var records = await node.AuditAsync();
        var used = Assert.Single(records, record => record.GetProperty("event").GetString() == "sandbox.secret_used");
        Assert.Equal(("s", host, "API_KEY", "alice"),
            (used.GetProperty("resource").GetString(), used.GetProperty("target").GetString(), used.GetProperty("reason").GetString(), used.GetProperty("subject").GetString()));
        Assert.All(records, record => Assert.DoesNotContain(Value, record.GetRawText(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sandbox_made_anew_has_another_authority_and_one_after_a_restart_has_none()
    {
        await using var engine = new EngineFixture();
        await using var node = await StartAsync(engine);
        var client = await node.ConnectAsync();
        await CreateAsync(client);
        var first = await client.RunAsync("cat /run/strata/ca.pem");
        var slot = node.Sessions.Table.All().Single();
        await node.Sessions.RemakeAsync(slot.Session!, (_, _) => Task.CompletedTask, CancellationToken.None);
        var second = await client.RunAsync("cat /run/strata/ca.pem");
        Assert.Contains(AuthorityOf(node).Pem, second.Output, StringComparison.Ordinal);
        Assert.NotEqual(first.Output, second.Output);

        await node.RestartAsync();
        client = await node.ConnectAsync();
        var info = await client.InfoAsync("s");
        Assert.Equal((null, true), (info.TlsHosts, info.SecretsLost));
        Assert.Equal("none\n", (await client.RunAsync("cat /run/strata/ca.pem 2>/dev/null; echo ${SSL_CERT_FILE-none}")).Output);
    }

    public Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<IPAddress>>(name == "api.example" ? [IPAddress.Loopback] : []);

    public void Dispose()
    {
        _server.Dispose();
        _certificate.Dispose();
    }

    private static SessionAuthority AuthorityOf(SandboxNode node) => ((SessionNetwork)node.Sessions.Table.All().Single().Session!.Network!).Authority!;

    private Task<SandboxNode> StartAsync(EngineFixture engine) => SandboxNode.StartAsync(
        engine.Engine, options => options with { Reachable = [IPNetwork.Parse("127.0.0.0/8")], Names = this, Trust = () => TestTls.Trusting(_certificate) }, TimeProvider.System);

    private Task<SandboxCreateResult> CreateAsync(SandboxClient client, string further = "")
    {
        var port = _server.Port.ToString(CultureInfo.InvariantCulture);
        var wish = new StringBuilder("""{"session":"s","network":"proxy","allow":[{"to":"api.example","ports":[PORT]},{"to":"127.0.0.1","ports":[PORT]}],""")
            .Append("\"placeholders\":{\"API_KEY\":{\"value\":\"").Append(Value).Append("\",\"hosts\":[\"api.example:PORT\"]}}").Append(further).Append('}');
        return client.CreateAsync(wish.Replace("PORT", port).ToString());
    }
}
