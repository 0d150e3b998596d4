namespace OrtAdaMomentum.Tests;
public class Smoke { [Fact] public void A_test_runs() => Assert.Equal(2, 1 + 1); }
