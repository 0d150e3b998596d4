using System.Reflection;
using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Training.OfficialApi;

public sealed class ApiTableTests
{
    public static TheoryData<Type> OfficialTypes => [typeof(TrainingSession), typeof(CheckpointState), typeof(TrainingUtils)];

    [Theory]
    [MemberData(nameof(OfficialTypes))]
    public void Every_official_member_has_one_row(Type official)
    {
        Assert.Equal(
            ApiTable.MembersOf(official).Order(StringComparer.Ordinal),
            ApiTable.Rows(official.Name).Select(static row => row.Official).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(OfficialTypes))]
    public void Every_row_names_a_member_of_ours_or_a_reason(Type official)
    {
        Assert.All(ApiTable.Rows(official.Name), static row =>
        {
            if (row.Ours == "none")
                Assert.NotEmpty(row.Difference);
            else
                Assert.NotEmpty(ApiTable.References(row.Ours));
        });
    }

    [Fact]
    public void Every_member_of_ours_that_is_named_exists()
    {
        var types = typeof(FineTuningSession).Assembly.GetExportedTypes().ToLookup(static type => type.Name);

        Assert.All(ApiTable.References(ApiTable.Text).Where(reference => reference.Type != "Microsoft"), reference =>
        {
            var (name, member) = reference;
            var type = Assert.Single(types[name]);
            Assert.NotEmpty(type.GetMember(member == "ctor" ? ".ctor" : member, BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static));
        });
    }
}
