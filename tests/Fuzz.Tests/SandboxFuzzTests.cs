namespace Strata.Fuzz.Tests;

public sealed class SandboxFuzzTests
{
    [Fact]
    public void A_request_through_the_proxy_is_one_request_to_the_host_that_was_decided_on() => Fuzzing.Holds(new ProxyRequestTarget());

    [Fact]
    public void A_message_of_SOCKS_is_whole_or_not_whatever_follows() => Fuzzing.Holds(new SocksTarget());

    [Fact]
    public void The_short_texts_of_sandboxes_mean_what_a_plain_reading_says() => Fuzzing.Holds(new SandboxWordTarget());

    [Fact]
    public void An_archive_gives_no_more_than_is_in_it_and_no_name_that_leads_out() => Fuzzing.Holds(new TarTarget());

    [Fact]
    public void An_image_is_what_its_manifest_and_configuration_say_together() => Fuzzing.Holds(new ImageManifestTarget());

    [Fact]
    public void A_shells_report_is_the_same_however_its_bytes_arrive() => Fuzzing.Holds(new ShellReportTarget());
}
