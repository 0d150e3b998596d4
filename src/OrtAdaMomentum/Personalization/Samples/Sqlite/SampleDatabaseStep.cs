using Microsoft.Data.Sqlite;

namespace OrtAdaMomentum.Personalization;

/// <summary>A step from one version of the tables to the next.</summary>
/// <param name="Sql">What changes.</param>
/// <param name="Fill">Fills what SQL cannot compute; null for nothing.</param>
internal sealed record SampleDatabaseStep(string Sql, Action<SqliteConnection>? Fill = null);
