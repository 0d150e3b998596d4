using static Microsoft.Playwright.Assertions;

namespace OrtAdaMomentum.SampleTests;

/// <summary>The pages as people use them, in a real browser.</summary>
public sealed class SiteTests(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task A_digit_is_drawn_corrected_learned_and_the_new_version_rolled_back()
    {
        browser.Require();
        await using var site = await Site.StartAsync(("FineTuning:MinimumSamples", "20000"), ("FineTuning:Epochs", "2"));
        await using var drawing = await browser.OpenAsync();
        await drawing.Page.GotoAsync(site.Address.ToString());
        await using var watching = await browser.OpenAsync();
        await watching.Page.GotoAsync(site["fine-tuning/"].ToString());
        var served = watching.Region("Served version");
        await Expect(served).ToContainTextAsync("v0-");
        var samples = watching.Region("Samples");
        await Expect(samples).ToContainTextAsync("1,200");

        await DrawSevenAsync(drawing.Page);
        await Expect(drawing.Page.Locator("#answer")).ToContainTextAsync("% sure");
        await Expect(drawing.Page.Locator("#served")).ToContainTextAsync("v0-");
        await drawing.Button("It was a 7").ClickAsync();
        await Expect(drawing.Page.Locator("#taught")).ToHaveTextAsync("Stored as a 7. 1 so far.");
        await Expect(samples).ToContainTextAsync("1,201");

        await drawing.Button("Learn now").ClickAsync();
        await Expect(served).ToContainTextAsync("v1-");
        await Expect(watching.Region("Latest run")).ToContainTextAsync("Promoted: version v1-");
        await Expect(watching.Region("Training loss by step").GetByRole(AriaRole.Img)).ToHaveAccessibleNameAsync(
            new System.Text.RegularExpressions.Regex(@"From .* at step 1 to .* at step \d+"));
        await Expect(watching.Page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "v1-" })).ToContainTextAsync("required");
        await DrawSevenAsync(drawing.Page);
        await Expect(drawing.Page.Locator("#answer")).ToContainTextAsync("7, ");
        await Expect(drawing.Page.Locator("#served")).ToContainTextAsync("v1-");

        await watching.Button("Roll back").ClickAsync();
        var dialog = watching.Page.GetByRole(AriaRole.Dialog, new() { Name = "Roll back?" });
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(served).ToContainTextAsync("v1-");
        await watching.Button("Roll back").ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Roll back now" }).ClickAsync();
        await Expect(served).ToContainTextAsync("v0-");
        await Expect(watching.Page.GetByRole(AriaRole.Status).Filter(new() { HasText = "Rolled back" })).ToBeVisibleAsync();
        await Expect(watching.Page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "v1-" })).ToContainTextAsync("not accepted");
        await Expect(watching.Button("Roll back")).ToBeDisabledAsync();

        await watching.Button("Serve version v1-").ClickAsync();
        await watching.Button("Serve it").ClickAsync();
        await Expect(served).ToContainTextAsync("v1-");
        Assert.Empty(drawing.Complaints);
        Assert.Empty(watching.Complaints);
    }

    [Fact]
    public async Task The_pages_are_usable_by_keyboard_and_told_to_screen_readers()
    {
        browser.Require();
        await using var site = await Site.StartAsync(("FineTuning:MinimumSamples", "20000"));
        await using var window = await browser.OpenAsync();
        var page = window.Page;
        await page.GotoAsync(site["fine-tuning/"].ToString());
        await Expect(page.Locator("#version")).ToContainTextAsync("v0-");

        foreach (var role in new[] { AriaRole.Banner, AriaRole.Main })
            await Expect(page.GetByRole(role)).ToHaveCountAsync(1);
        foreach (string name in new[] { "Served version", "Samples", "Latest run", "Training loss by step", "Accuracy on held-out samples by step", "Versions" })
        {
            await Expect(window.Region(name)).ToBeVisibleAsync();
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = name, Exact = true })).ToBeVisibleAsync();
        }

        await Expect(page.GetByRole(AriaRole.Progressbar)).ToHaveAccessibleNameAsync("Latest run");
        await Expect(page.Locator("#state")).ToHaveAttributeAsync("aria-live", "polite");
        Assert.Equal(["Skip to content", "Start a run"], await TabStopsAsync(page, 2));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#message")).ToContainTextAsync("A run starts");

        await page.GotoAsync(site.Address.ToString());
        await page.Locator("#canvas").FocusAsync();
        await page.Keyboard.PressAsync(" ");
        for (int step = 0; step < 10; step++)
            await page.Keyboard.PressAsync("ArrowDown");
        await Expect(page.Locator("#canvas")).ToHaveAccessibleNameAsync("Drawing area, pen down");
        await Expect(page.Locator("#answer")).ToContainTextAsync("% sure");
        Assert.Equal(["Clear", .. Enumerable.Range(0, 10).Select(static digit => $"It was a {digit}"), "Learn now"], await TabStopsAsync(page, 12));
        await window.Button("It was a 1").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#taught")).ToContainTextAsync("Stored as a 1");
        Assert.Empty(window.Complaints);
    }

    [Theory]
    [InlineData(360, ColorScheme.Dark)]
    [InlineData(360, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    [InlineData(1280, ColorScheme.Light)]
    public async Task Text_stands_out_from_its_ground_and_nothing_is_wider_than_the_screen(int width, ColorScheme scheme)
    {
        browser.Require();
        await using var site = await Site.StartAsync(("FineTuning:MinimumSamples", "20000"));
        await using var window = await browser.OpenAsync(width, 800, scheme);
        var page = window.Page;
        foreach (string path in new[] { "", "fine-tuning/" })
        {
            await page.GotoAsync(site[path].ToString());
            await Expect(page.GetByRole(AriaRole.Button).First).ToBeVisibleAsync();
            Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), $"/{path} is wider than {width}");
            // 4.5 to 1 is what WCAG 2.2 asks of text (1.4.3, level AA).
            Assert.Empty(await page.EvaluateAsync<string[]>(Contrast, 4.5));
        }

        Assert.Empty(window.Complaints);
    }

    [Fact]
    public async Task A_service_with_a_key_asks_for_it_and_works_with_it()
    {
        const string Key = "0123456789-abcdef";
        browser.Require();
        await using var site = await Site.StartAsync(("FineTuningWeb:Access", "ApiKey"), ("FineTuningWeb:ApiKey", Key), ("FineTuning:MinimumSamples", "20000"));
        await using var window = await browser.OpenAsync();
        var page = window.Page;
        await page.GotoAsync(site["fine-tuning/"].ToString());

        await page.GetByLabel("Key of this service").FillAsync("wrong-" + Key);
        await window.Button("Use this key").ClickAsync();
        await Expect(page.Locator("#message")).ToContainTextAsync("not the right one");
        await page.GetByLabel("Key of this service").FillAsync(Key);
        await window.Button("Use this key").ClickAsync();

        await Expect(page.Locator("#version")).ToContainTextAsync("v0-");
        await Expect(page.GetByLabel("Key of this service")).ToBeHiddenAsync();
        Assert.Empty(window.Complaints);
    }

    private const string Contrast =
        """
        least => {
          const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
          const rgb = color => { probe.clearRect(0, 0, 1, 1); probe.fillStyle = color; probe.fillRect(0, 0, 1, 1); return [...probe.getImageData(0, 0, 1, 1).data]; };
          const light = color => color.slice(0, 3).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
            .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
          const ground = element => { for (let e = element; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c[3] === 255) return c; } return [255, 255, 255]; };
          const found = [];
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const element = walker.currentNode.parentElement;
            if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest("script, style, :disabled, .skip, .hidden")) continue;
            const style = getComputedStyle(element);
            const [a, b] = [light(rgb(element.namespaceURI.endsWith("svg") ? style.fill : style.color)), light(ground(element))];
            const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
            if (ratio < least) found.push(`${walker.currentNode.data.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
          }
          return found;
        }
        """;

    private static async Task DrawSevenAsync(IPage page)
    {
        var area = (await page.Locator("#canvas").BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(area.X + (area.Width * .3f), area.Y + (area.Height * .2f));
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(area.X + (area.Width * .7f), area.Y + (area.Height * .2f), new MouseMoveOptions { Steps = 12 });
        await page.Mouse.MoveAsync(area.X + (area.Width * .45f), area.Y + (area.Height * .85f), new MouseMoveOptions { Steps = 12 });
        await page.Mouse.UpAsync();
    }

    /// <summary>The names of what the tab key reaches, one after the other.</summary>
    private static async Task<List<string>> TabStopsAsync(IPage page, int count)
    {
        var names = new List<string>();
        for (int stop = 0; stop < count; stop++)
        {
            await page.Keyboard.PressAsync("Tab");
            names.Add(await page.EvaluateAsync<string>("() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim()"));
        }

        return names;
    }
}
