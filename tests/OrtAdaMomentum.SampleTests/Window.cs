namespace OrtAdaMomentum.SampleTests;

/// <summary>A window with a page, and what the page complained about: errors of its script, and what its security policy refused.</summary>
public sealed class Window : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _complaints = [];

    internal Window(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
        page.PageError += (_, error) => Complain(error);
        page.Console += (_, message) =>
        {
            // A refused request is told on the console too, and is asked for by the test about keys.
            if (message.Type == "error" && !message.Text.Contains("401", StringComparison.Ordinal))
                Complain(message.Text);
        };
    }

    public IPage Page { get; }

    public IReadOnlyList<string> Complaints
    {
        get
        {
            lock (_complaints)
                return [.. _complaints];
        }
    }

    public ILocator Region(string name) => Page.GetByRole(AriaRole.Region, new() { Name = name, Exact = true });

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name });

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    private void Complain(string text)
    {
        lock (_complaints)
            _complaints.Add(text);
    }
}
