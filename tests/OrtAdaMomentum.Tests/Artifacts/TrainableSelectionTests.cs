using OrtAdaMomentum.Artifacts;

namespace OrtAdaMomentum.Tests.Artifacts;

/// <summary>Parameters are chosen by name patterns or by layers.</summary>
public sealed class TrainableSelectionTests
{
    private static readonly CandidateParameter[] Parameters =
    [
        new("body.0.weight", [4, 3], 0),
        new("body.0.bias", [4], 0),
        new("body.10.weight", [4, 4], 2),
        new("body.10.bias", [4], 3),
        new("head.weight", [2, 4], 5),
        new("head.bias", [2], 6),
    ];

    [Fact]
    public void All_takes_every_parameter() => Assert.Equal(6, TrainableSelection.All.Select(Parameters).Count);

    [Theory]
    [InlineData("head.*", "head.weight head.bias")]
    [InlineData("*.bias", "body.0.bias body.10.bias head.bias")]
    [InlineData("body.?.weight", "body.0.weight")]
    [InlineData("body.??.weight", "body.10.weight")]
    [InlineData("*0*w*t", "body.0.weight body.10.weight")]
    [InlineData("head.weight", "head.weight")]
    [InlineData("*", "body.0.weight body.0.bias body.10.weight body.10.bias head.weight head.bias")]
    [InlineData("head.* body.10.*", "body.10.weight body.10.bias head.weight head.bias")]
    public void Patterns_take_the_names_that_they_match_whole(string patterns, string expected) => Selects(patterns, expected);

    [Theory]
    [InlineData("head.* !*.bias", "head.weight")]
    [InlineData("!body.*", "head.weight head.bias")]
    [InlineData("!body.* !head.bias", "head.weight")]
    public void A_pattern_with_an_exclamation_mark_takes_names_out(string patterns, string expected) => Selects(patterns, expected);

    [Theory]
    [InlineData("head.* !*.bias head.bias", "head.weight head.bias")]
    [InlineData("!*.bias head.* !head.weight", "body.0.weight body.10.weight head.bias")]
    public void Patterns_count_in_their_order(string patterns, string expected) => Selects(patterns, expected);

    [Theory]
    [InlineData("HEAD.*")]
    [InlineData("head")]
    [InlineData("head.weight?")]
    [InlineData("head.* !tail.*")]
    public void A_pattern_that_matches_nothing_lists_the_names(string patterns)
    {
        string[] given = patterns.Split(' ');
        var error = Assert.Throws<FineTuningException>(() => TrainableSelection.Matching(given).Select(Parameters));
        Assert.Contains($"'{given[^1]}' matches no parameter", error.Message, StringComparison.Ordinal);
        Assert.All(Parameters, parameter => Assert.Contains(parameter.Name, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_long_list_of_names_is_cut_short_and_says_by_how_many()
    {
        CandidateParameter[] many = [.. Enumerable.Range(0, 100).Select(static place => new CandidateParameter($"layer{place}", [2, 2], place))];
        var error = Assert.Throws<FineTuningException>(() => TrainableSelection.Matching("none").Select(many));
        Assert.Contains("layer0, layer1,", error.Message, StringComparison.Ordinal);
        Assert.Contains("and 70 more", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("!*")]
    [InlineData("head.* !*")]
    public void Patterns_that_leave_nothing_list_the_names(string patterns)
    {
        var error = Assert.Throws<FineTuningException>(() => TrainableSelection.Matching(patterns.Split(' ')).Select(Parameters));
        Assert.Contains("leave no parameter to train", error.Message, StringComparison.Ordinal);
        Assert.Contains("body.0.weight", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_parameters_says_so() => Assert.Contains(
        "no parameters", Assert.Throws<FineTuningException>(() => TrainableSelection.Matching("*").Select([])).Message, StringComparison.Ordinal);

    [Fact]
    public void Empty_patterns_are_refused()
    {
        foreach (string[] patterns in new string[][] { [], [""], ["!"], ["head.*", " "] })
        {
            var error = Assert.Throws<FineTuningException>(() => TrainableSelection.Matching(patterns).Select(Parameters));
            Assert.Contains("empty", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(1, "head.weight head.bias")]
    [InlineData(2, "body.10.weight body.10.bias head.weight head.bias")]
    [InlineData(3, "body.0.weight body.0.bias body.10.weight body.10.bias head.weight head.bias")]
    [InlineData(9, "body.0.weight body.0.bias body.10.weight body.10.bias head.weight head.bias")]
    public void The_last_layers_are_those_of_the_last_weights_with_all_after_them(int count, string expected) =>
        Assert.Equal(expected.Split(' ').Order(), TrainableSelection.LastLayers(count).Select(Parameters).Order());

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Fewer_than_one_last_layer_is_refused(int count)
    {
        var error = Assert.Throws<FineTuningException>(() => TrainableSelection.LastLayers(count).Select(Parameters));
        Assert.Contains($"at least 1, was {count}", error.Message, StringComparison.Ordinal);
    }

    private static void Selects(string patterns, string expected) =>
        Assert.Equal(expected.Split(' ').Order(), TrainableSelection.Matching(patterns.Split(' ')).Select(Parameters).Order());
}
