using System.Text.Json.Serialization;

namespace Strata.Hosting.Tests.Server;

/// <summary>Params of the test methods.</summary>
/// <param name="Text">Comes back.</param>
/// <param name="Repeat">How often the text is repeated in the answer.</param>
public sealed record EchoParams(string Text = "", int Repeat = 1);

/// <summary>Result of the test methods.</summary>
/// <param name="Text">The text.</param>
public sealed record EchoResult(string Text);

/// <summary>A result that JSON cannot hold when it is not a number.</summary>
/// <param name="Value">The number.</param>
public sealed record NumberResult(double Value);

/// <summary>JSON of the test methods.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(EchoParams))]
[JsonSerializable(typeof(EchoResult))]
[JsonSerializable(typeof(NumberResult))]
public sealed partial class TestJson : JsonSerializerContext;
