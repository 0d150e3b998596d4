using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Sums of products over lettered axes.</summary>
internal static class EinsumCases
{
    private const string FirstDecides = "of extents that are not numbers ONNX Runtime infers that of the first operand, 1 here";

    public static readonly GradientCase[] All =
    [
        // One operand.
        Case("ij->ji", Any(2, 3)),
        Case("ij->ij", Any(2, 3)),
        Case("ijk->kij", Any(2, 3, 4)),
        Case("ij->", Any(2, 3)),
        Case("ij->j", Any(2, 3)),
        Case("ijk->i", Any(2, 3, 2)),
        Case("ijk->ki", Any(2, 3, 4)),
        Case("ii->i", Any(3, 3)),
        Case("ii->", Any(3, 3)),
        Case("ii", Any(3, 3)),
        Case("iij->ij", Any(3, 3, 2)),
        Case("iji->ij", Any(3, 2, 3)),
        Case("iji->j", Any(3, 2, 3)),
        Case("jii->ij", Any(2, 3, 3)),
        Case("ba", Any(2, 3)),
        Case("...ij->...ji", Any(2, 3, 4)),
        Case("...ii->...i", Any(2, 3, 3)),
        Case("...->...", Any(2, 3)),
        Case("...i->...", Any(2, 3)),
        Case("i...->...", Any(2, 3, 2)),
        Case(" i j -> j ", Any(2, 3)),

        // Two operands.
        Case("ij,jk->ik", Any(2, 3), Any(3, 4)),
        Case("ij,jk", Any(2, 3), Any(3, 4)),
        Case("ij,kj->ik", Any(2, 3), Any(4, 3)),
        Case("bij,bjk->bik", Any(2, 2, 3), Any(2, 3, 4)),
        Case("bhid,bhjd->bhij", Any(2, 2, 3, 2), Any(2, 2, 4, 2)),
        Case("bhij,bhjd->bihd", Any(2, 2, 3, 4), Any(2, 2, 4, 2)),
        Case("i,i->", Any(3), Any(3)),
        Case("i,i->i", Any(3), Any(3)),
        Case("i,j->ij", Any(2), Any(3)),
        Case("i,j->", Any(2), Any(3)),
        Case("ij,ij->", Any(2, 3), Any(2, 3)),
        Case("ij,ji->", Any(2, 3), Any(3, 2)),
        Case("ij,i->", Any(2, 3), Any(2)),
        Case("ij,k->ik", Any(2, 3), Any(4)),
        Case("ij,kl->ik", Any(2, 3), Any(4, 2)),
        Case("ii,i->i", Any(3, 3), Any(3)),
        Case("ii,j->ij", Any(3, 3), Any(2)),
        Case("ii,ii->i", Any(3, 3), Any(3, 3)),
        Case("bij,j->bi", Any(2, 2, 3), Any(3)),
        Case("Ab,bC->CA", Any(2, 3), Any(3, 4)),
        Case("...ij,...jk->...ik", Any(2, 2, 3), Any(2, 3, 4)),
        Case("b...,a...", Any(2, 4), Any(3, 4)),
        Case("...ij,...jk", Any(2, 2, 3), Any(2, 3, 4)),
        Case("...ij,jk->...ik", Any(2, 2, 3), Any(3, 4)),
        Case("...i,ij->...j", Any(2, 2, 3), Any(3, 4)),

        // Extents of 1 that are broadcast.
        Case("...ij,...jk->...ik", "ellipsis broadcast left", Any(1, 2, 3), Any(2, 3, 4)) with { StaticOnly = FirstDecides },
        Case("...ij,...jk->...ik", "ellipsis broadcast right", Any(2, 2, 3), Any(1, 3, 4)),
        Case("...ij,...jk->...ik", "ellipsis broadcast both ways", Any(2, 1, 2, 3), Any(1, 3, 3, 2)) with { StaticOnly = FirstDecides },
        Case("ij,ij->ij", "letter broadcast", Any(2, 3), Any(2, 1)),
        Case("ij,ij,ij->i", "summed letter broadcast before and after", Any(2, 1), Any(2, 3), Any(1, 3)),
        Case("ij,ij->i", "summed letter broadcast", Any(2, 1), Any(2, 3)),
        Case("ij,ij->", "both ways", Any(2, 1), Any(1, 3)),
        Case("ij,jk->ik", "rows of 1", Any(1, 3), Any(3, 1)),

        // Three and more operands.
        Case("ij,jk,kl->il", Any(2, 3), Any(3, 2), Any(2, 4)),
        Case("i,j,k->ijk", Any(2), Any(3), Any(2)),
        Case("bi,ijk,bk->bj", Any(2, 3), Any(3, 2, 2), Any(2, 2)),
        Case("ij,i,j->", Any(2, 3), Any(2), Any(3)),
        Case("i,i,i,i->i", Any(3), Any(3), Any(3), Any(3)),
        Case("ij,jk,ki->", Any(2, 3), Any(3, 4), Any(4, 2)),

        Case("ij,jk->ik", "constant right", Any(2, 3), Any(3, 4).AsConstant),
        Case("ij,jk->ik", "constant left", Any(2, 3).AsConstant, Any(3, 4)),
        Case("ij,jk->ik", "no rows", Any(0, 3), Any(3, 4)),
        Case(",i->i", Any(), Any(3)),
        Case(",->", Any(), Any()),
    ];

    private static GradientCase Case(string equation, params CaseInput[] inputs) => Case(equation, string.Empty, inputs);

    private static GradientCase Case(string equation, string description, params CaseInput[] inputs) =>
        new GradientCase("Einsum", description.Length == 0 ? equation : $"{equation}, {description}", inputs).With(("equation", equation));
}
