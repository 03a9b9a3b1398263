using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Strata.Ipc.Tests;

internal sealed record TextParams([property: StringLength(64, MinimumLength = 1)] string Text);

internal sealed record TextResult(string Text);

internal sealed record RatioResult(string Text, double Ratio);

internal sealed record SizeParams([property: Range(0, 4_000_000)] int Size);

internal sealed record NumberItem(int Number);

internal sealed record NestedParams(
    [property: Range(1, 9)] int Level,
    [property: StringLength(8)] string? Label = null);

/// <summary>One member of every shape that params can have.</summary>
internal sealed record EverythingParams(
    [property: Description("a required string")][property: StringLength(12, MinimumLength = 1)] string Name,
    [property: Range(-5, 500)] int Count,
    [property: AllowedValues("slow", "fast")] string Mode = "slow",
    [property: Range(0, 9e15)] long Offset = 0,
    bool Flag = false,
    double? Ratio = null,
    [property: MaxItems(3)][property: StringLength(6)] IReadOnlyList<string>? Tags = null,
    [property: MaxItems(2)] IReadOnlyDictionary<string, int>? Weights = null,
    ReadOnlyMemory<byte>? Data = null,
    NestedParams? Nested = null,
    [property: MaxItems(2)] IReadOnlyList<NestedParams>? Children = null,
    JsonElement? Extra = null,
    uint Uid = 0);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(TextParams))]
[JsonSerializable(typeof(TextResult))]
[JsonSerializable(typeof(RatioResult))]
[JsonSerializable(typeof(SizeParams))]
[JsonSerializable(typeof(NumberItem))]
[JsonSerializable(typeof(EverythingParams))]
internal sealed partial class TestJson : JsonSerializerContext;
