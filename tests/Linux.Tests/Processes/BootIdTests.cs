namespace Strata.Linux.Tests.Processes;

public sealed class BootIdTests : IDisposable
{
    private const string Given = "7f3c5c1e-3b0f-4a53-9d1c-0a4f3b6d2e51";
    private const string OfKernel = "0a4f3b6d-2e51-4a53-9d1c-7f3c5c1e3b0f";

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private string Kernel
    {
        get
        {
            File.WriteAllText(_directory["kernel"], OfKernel + "\n");
            return _directory["kernel"];
        }
    }

    [Fact]
    public void The_machine_says_it_without_a_service_manager() => Assert.Equal(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), BootId.Read(null, "/proc/sys/kernel/random/boot_id"));

    [Fact]
    public void A_credential_of_the_service_manager_goes_before_the_kernels_file()
    {
        File.WriteAllText(_directory[BootId.Credential], Given + "\n");
        Assert.Equal(Given, BootId.Read(_directory.Path, Kernel));
        Assert.Equal(Given, BootId.Read(_directory.Path, _directory["missing"]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Credentials_of_another_kind_change_nothing(bool empty) => Assert.Equal(OfKernel, BootId.Read(empty ? "" : _directory.Path, Kernel));

    [Fact]
    public void A_hidden_file_of_the_kernel_is_told_with_what_to_do()
    {
        var error = Assert.Throws<IOException>(() => BootId.Read(null, _directory["sys/kernel/random/boot_id"]));
        Assert.Contains(_directory["sys/kernel/random/boot_id"], error.Message, StringComparison.Ordinal);
        Assert.Contains("LoadCredential=boot_id:/proc/sys/kernel/random/boot_id", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a boot")]
    [InlineData("7f3c5c1e3b0f4a539d1c0a4f3b6d2e51")]
    public void What_is_no_id_is_refused(string content)
    {
        File.WriteAllText(_directory[BootId.Credential], content);
        Assert.Contains("does not hold the id of a boot", Assert.Throws<IOException>(() => BootId.Read(_directory.Path, Kernel)).Message, StringComparison.Ordinal);
    }
}
