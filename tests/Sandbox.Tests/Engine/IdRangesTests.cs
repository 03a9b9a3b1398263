using Strata.Linux;

namespace Strata.Sandbox.Tests;

public sealed class IdRangesTests
{
    [Fact]
    public void Each_takes_the_lowest_free_range_and_a_later_one_what_was_given_back()
    {
        using var directory = new TempDirectory();
        using var ranges = new IdRanges(Path.Combine(directory.Path, "ids"), () => []);

        Assert.Equal([0, 1, 2], new[] { ranges.Take(), ranges.Take(), ranges.Take() });
        ranges.GiveBack(1);
        ranges.GiveBack(0);
        Assert.Equal([0, 1, 3], new[] { ranges.Take(), ranges.Take(), ranges.Take() });
    }

    [Fact]
    public void No_range_meets_another_or_what_is_on_disk_or_what_others_are_given()
    {
        const uint foreignImages = 0x7FFE_0000;
        var all = Enumerable.Range(0, IdRanges.MaxRanges).Select(IdRanges.IdsOf).ToArray();

        Assert.Equal(SandboxIds.FirstOnDisk + SandboxIds.Range, all[0].First);
        Assert.All(all.Zip(all.Skip(1)), pair => Assert.Equal(pair.First.First + pair.First.Count, pair.Second.First));
        Assert.True(all[^1].First + all[^1].Count <= foreignImages);
        Assert.All(all, ids => Assert.True(ids.IsApart));
    }

    [Fact]
    public void Services_of_one_machine_have_different_blocks_and_one_that_is_gone_leaves_its_own()
    {
        using var directory = new TempDirectory();
        string place = Path.Combine(directory.Path, "ids");
        using var first = new IdRanges(place, () => []);
        using (var second = new IdRanges(place, () => []))
        {
            Assert.Equal((0, IdRanges.BlockRanges), (first.Take(), second.Take()));
            for (int i = 1; i < IdRanges.BlockRanges; i++)
            {
                Assert.Equal(i, first.Take());
            }

            Assert.Equal(2 * IdRanges.BlockRanges, first.Take());
        }

        using var third = new IdRanges(place, () => []);
        Assert.Equal(IdRanges.BlockRanges, third.Take());
    }

    [Fact]
    public void A_range_in_which_somebody_still_runs_is_left_out()
    {
        using var directory = new TempDirectory();
        using var ranges = new IdRanges(Path.Combine(directory.Path, "ids"), () => [0, 1000, SandboxIds.FirstOnDisk, IdRanges.IdsOf(0).First, IdRanges.IdsOf(2).OnHost(1000), uint.MaxValue]);

        Assert.Equal([1, 3], new[] { ranges.Take(), ranges.Take() });
    }

    [Fact]
    public void When_all_are_taken_one_more_is_refused_until_one_is_given_back()
    {
        using var directory = new TempDirectory();
        using var ranges = new IdRanges(Path.Combine(directory.Path, "ids"), () => [], maxBlocks: 2);
        for (int i = 0; i < 2 * IdRanges.BlockRanges; i++)
        {
            Assert.Equal(i, ranges.Take());
        }

        Assert.Equal(SandboxReasons.TooManySessions, Assert.Throws<SandboxException>(() => ranges.Take()).Reason);
        ranges.GiveBack(7);
        Assert.Equal(7, ranges.Take());
    }

    [Fact]
    public async Task The_namespaces_of_few_ranges_are_kept_and_made_once()
    {
        using var directory = new TempDirectory();
        using var ranges = new IdRanges(Path.Combine(directory.Path, "ids"), () => [], maxBlocks: 2);
        var made = new List<FileDescriptor>();
        Task<FileDescriptor> Make(SandboxIds ids)
        {
            made.Add(MemoryFile.Of("mapping", []));
            return Task.FromResult(made[^1]);
        }

        foreach (int range in new[] { 0, IdRanges.KeptMappings - 1, IdRanges.KeptMappings })
        {
            made.Clear();
            var mapping = await ranges.MappingAsync(range, Make);
            ranges.GiveBack(range);
            bool isKept = range < IdRanges.KeptMappings;
            Assert.Equal(isKept, ReferenceEquals(mapping, await ranges.MappingAsync(range, Make)));
            Assert.Equal(isKept ? 1 : 2, made.Count);
        }
    }

    [Fact]
    public void Whom_a_process_runs_as_is_read_of_the_kernel()
    {
        Assert.Equal([1u, 2u, 3u, 4294967294u], LivingUsers.Of(() => ["Name:\tx", "Uid:\t1\t2\t3\t4294967294", "Gid:\t5\t5\t5\t5"]));
        Assert.Empty(LivingUsers.Of(() => throw new FileNotFoundException()));
        Assert.Contains(UserId.Effective, LivingUsers.Here());
    }

    [Theory]
    [InlineData("mount_setattr(/c/upper)", Errno.EINVAL, false, "/c/upper")]
    [InlineData("mount_setattr(/c/upper)", Errno.EPERM, false, "/c/upper")]
    [InlineData("mount_setattr(/mnt/disk)", Errno.EINVAL, true, "in memory")]
    [InlineData("mount_setattr(/layer)", Errno.ENOSYS, false, "no such mounts")]
    [InlineData("mount(/mnt/root)", Errno.EINVAL, true, "overlays")]
    [InlineData("mount(/mnt/root)", Errno.EINVAL, false, null)]
    [InlineData("mount_setattr(/c/upper)", Errno.ENOMEM, false, null)]
    [InlineData("unshare(Users)", Errno.EINVAL, true, null)]
    public void What_cannot_be_mounted_so_is_learned_from_the_call_that_failed(string call, int errno, bool bounded, string? said)
    {
        var plan = new SandboxPlan { Id = "x", Layers = [], ChangesDirectory = "/c", Limits = new SandboxLimits(DiskBytes: bounded ? 1 << 20 : null) };
        var unmapped = new UnmappedMounts();

        var lesson = UnmappedMounts.LessonOf(plan, call, -errno);

        Assert.Equal(said is not null, lesson is not null);
        Assert.False(unmapped.Concern(plan));
        if (lesson is { } learned)
        {
            unmapped.Learn(learned);
            Assert.Contains(said!, Assert.Single(unmapped.Texts), StringComparison.Ordinal);
            Assert.True(unmapped.Concern(plan));
        }
    }
}
