using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrtAdaMomentum.AspNetCore;

/// <summary>
/// The same as <see cref="WebJson"/>, but quotes and arrows are written as they are, since people read the messages too. That is safe because answers are
/// never taken for HTML: their type is JSON, and browsers are told not to guess another.
/// </summary>
internal static class ReadableJson
{
    public static WebJson Context { get; } = new(new JsonSerializerOptions(WebJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
