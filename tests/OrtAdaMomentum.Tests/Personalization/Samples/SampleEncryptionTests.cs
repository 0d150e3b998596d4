using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;

namespace OrtAdaMomentum.Tests.Personalization.Samples;

/// <summary>Samples that are encrypted on the disk.</summary>
public sealed class SampleEncryptionTests : EncryptedStore
{
    [Fact]
    public async Task Nothing_of_a_sample_is_readable_in_the_files_and_all_of_it_through_the_store()
    {
        using (var store = Store(Key))
        {
            await store.AddAsync([Person("Ada Example", 1), Person("Alan Example", 2)], Cancelled);
            Assert.NotNull(await store.CorrectAsync("portrait 2", SampleTensor.Scalar(1234567890123L), Cancelled));
            await store.TakeSnapshotAsync(Cancelled);
            NothingIsReadable();
        }

        NothingIsReadable();
        using var again = Store(Key);
        var samples = (await again.TakeSnapshotAsync(Cancelled)).Training;
        Assert.Equal(["portrait 1", "portrait 2"], samples.Select(static sample => sample.Key));
        Assert.Equal(("Ada Example", "hall camera"), (samples[0].Subject, samples[0].Source));
        Assert.Equal(Secret, samples[0].Inputs["x"].Bytes.ToArray());
        Assert.Equal(1234567890123L, samples[1].Target!.Values<long>()[0]);
        Assert.Equal(0, await again.AddAsync([Person("Ada Example", 1)], Cancelled));
        Assert.Equal(new SampleCounts(2, 0, 0), (await again.CountBySourceAsync(Cancelled))["hall camera"]);
        NothingIsReadable();

        void NothingIsReadable()
        {
            Assert.False(Folder.Holds(Secret));
            Assert.False(Folder.Holds("portrait"u8));
            Assert.False(Folder.Holds("Example"u8));
            Assert.False(Folder.Holds("camera"u8));
            Assert.False(Folder.Holds(BitConverter.GetBytes(1234567890123L)));
            // A label that is a column of its own is big-endian in SQLite.
            Assert.False(Folder.Holds([.. BitConverter.GetBytes(1234567890123L).Reverse().SkipWhile(static part => part == 0)]));
        }
    }

    [Fact]
    public async Task A_subject_is_forgotten()
    {
        using var store = Store(Key);
        await store.AddAsync([Person("Ada Example", 1), Person("Alan Example", 2)], Cancelled);
        var snapshot = await store.TakeSnapshotAsync(Cancelled);

        Assert.Equal(1, await store.ForgetSubjectAsync("Ada Example", Cancelled));

        Assert.Null(await store.FindSnapshotAsync(snapshot.Id, Cancelled));
        Assert.Equal("Alan Example", Assert.Single((await store.TakeSnapshotAsync(Cancelled)).Training).Subject);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(-1)]
    public async Task A_changed_bit_is_noticed_and_the_sample_named_and_left_out(int place)
    {
        using var store = Store(Key);
        await store.AddAsync([Person("Ada Example", 1), Person("Alan Example", 2)], Cancelled);
        byte[] content = Column<byte[]>("SELECT content FROM samples WHERE id = 1");
        content[place < 0 ? content.Length + place : place] ^= 4;
        Execute("UPDATE samples SET content = $content WHERE id = 1", ("$content", content));
        string found = Column<string>("SELECT key FROM samples WHERE id = 1");

        var refusal = await Assert.ThrowsAsync<SampleStoreException>(() => store.CorrectAsync("portrait 1", SampleTensor.Scalar(1L), Cancelled).AsTask());
        Assert.Equal(SampleStoreProblem.Damaged, refusal.Problem);
        Assert.Contains(found, refusal.Message, StringComparison.Ordinal);

        var snapshot = await store.TakeSnapshotAsync(Cancelled);
        Assert.Equal("portrait 2", Assert.Single(snapshot.Training).Key);
        Assert.Contains(found, Assert.Single(snapshot.Damaged), StringComparison.Ordinal);
        Assert.Equal(new SampleCounts(1, 0, 0, Damaged: 1), await store.CountAsync(Cancelled));
        Assert.NotNull(await store.FindSnapshotAsync(snapshot.Id, Cancelled));
    }

    [Theory]
    [InlineData("UPDATE samples SET content = (SELECT content FROM samples WHERE id = 2) WHERE id = 1")]
    [InlineData("UPDATE samples SET role = 1 WHERE id = 1")]
    [InlineData("UPDATE samples SET subject = (SELECT subject FROM samples WHERE id = 2) WHERE id = 1")]
    public async Task Rows_cannot_be_exchanged_or_moved(string change)
    {
        using var store = Store(Key);
        await store.AddAsync([Person("Ada Example", 1), Person("Alan Example", 2)], Cancelled);
        Execute(change);

        var snapshot = await store.TakeSnapshotAsync(Cancelled);

        Assert.Single(snapshot.Damaged);
        Assert.Equal("portrait 2", Assert.Single(snapshot.Training).Key);
        Assert.Empty(snapshot.HeldOut);
    }
}
