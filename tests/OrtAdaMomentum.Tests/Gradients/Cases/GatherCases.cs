using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Elements and slices picked by index.</summary>
internal static class GatherCases
{
    public static readonly GradientCase[] All =
    [
        new("Gather", "embedding", Any(5, 3), IntegersOf([2, 2], 0, 4, 2, 3).AsFed),
        new("Gather", "embedding, repeated and negative indices", Any(5, 3), IntegersOf([2, 3], 1, 1, -1, 4, 1, -5).AsFed),
        new("Gather", "more indices than entries", Any(2, 3), Integers(0, 1, 1, 0, 1).AsFed),
        new("Gather", "fixed indices", Any(5, 3), Integers(3, 0, 3)),
        new("Gather", "32-bit indices", Any(5, 3), Integers32Of([3], 3, -1, 3).AsFed),
        new("Gather", "from a vector", Any(5), Integers(3, 0, 3).AsFed),
        new GradientCase("Gather", "axis 1", Any(2, 4, 3), Integers(3, 0, 3).AsFed).With(("axis", 1L)),
        new GradientCase("Gather", "axis 1, indices of rank 2", Any(2, 4, 3), IntegersOf([2, 2], 3, 0, -1, 3).AsFed).With(("axis", 1L)),
        new GradientCase("Gather", "last axis", Any(2, 4), IntegersOf([2, 2], 3, 0, 3, 1).AsFed).With(("axis", -1L)),
        new GradientCase("Gather", "fixed scalar index", Any(2, 4, 3), IntegersOf([], 0)).With(("axis", 1L)),
        new GradientCase("Gather", "fixed negative scalar index", Any(2, 4, 3), IntegersOf([], -1)).With(("axis", 1L)),
        new("Gather", "fixed scalar index, first axis", Any(4, 3), IntegersOf([], 2)),
        new GradientCase("Gather", "scalar index at run time", Any(2, 4, 3), IntegersOf([], -2).AsFed).With(("axis", 1L)),
        new("Gather", "scalar index at run time, first axis", Any(4, 3), IntegersOf([], 1).AsFed),
        new("Gather", "scalar from a vector", Any(4), IntegersOf([], 1)),

        new("GatherElements", "first axis", Any(3, 2), IntegersOf([2, 2], 2, 0, 2, -1).AsFed),
        new GradientCase("GatherElements", "last axis, more indices than elements", Any(2, 2), IntegersOf([2, 4], 0, 1, 1, 0, 1, 1, 1, -2).AsFed)
            .With(("axis", -1L)),
        new("GatherND", "elements", Any(3, 2), IntegersOf([3, 2], 0, 1, 2, 0, 0, -1).AsFed),
        new("GatherND", "slices", Any(3, 2, 2), IntegersOf([2, 2, 1], 0, 2, 2, -1).AsFed),
        new GradientCase("GatherND", "batch", Any(2, 3, 2), IntegersOf([2, 1], 1, -1).AsFed).With(("batch_dims", 1L)),
    ];
}
