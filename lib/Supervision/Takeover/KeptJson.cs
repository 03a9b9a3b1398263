using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Strata.Supervision;

/// <summary>The record's JSON. Reading believes nothing: every name, count, number and time is held to its bounds.</summary>
internal static class KeptJson
{
    private const int MaxTextChars = 4096;
    private const int MaxProcesses = 8;

    // Ten years: no machine runs longer, and sums of two such times stay far from overflow.
    private static readonly TimeSpan LongestTime = TimeSpan.FromDays(3660);

    internal static void Write(Utf8JsonWriter json, KeptNode node)
    {
        json.WriteStartObject();
        json.WriteString("boot", node.Boot);
        json.WriteNumber("generation", node.Generation);
        json.WriteBoolean("shutting_down", node.ShuttingDown);
        json.WriteNumber("last_incarnation", node.LastIncarnation);
        json.WriteBoolean("children_end", node.ChildrenEnd);
        json.WriteStartArray("services");
        foreach (var service in node.Services)
        {
            Write(json, service);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    internal static KeptNode Read(JsonElement node)
    {
        var services = node.GetProperty("services");
        Require(services.GetArrayLength() <= KeptNode.MaxServices, "it tells of too many services");
        var read = services.EnumerateArray().Select(ReadService).ToImmutableArray();
        Require(read.DistinctBy(service => service.Name).Count() == read.Length, "it names a service twice");
        return new KeptNode(Text(node, "boot"), Number(node, "generation"), read)
        {
            ShuttingDown = node.GetProperty("shutting_down").GetBoolean(),
            LastIncarnation = Number(node, "last_incarnation"),
            ChildrenEnd = node.GetProperty("children_end").GetBoolean(),
        };
    }

    private static void Write(Utf8JsonWriter json, KeptService service)
    {
        json.WriteStartObject();
        json.WriteString("name", service.Name);
        json.WriteString("kind", service.Kind.ToString());
        json.WriteString("state", service.State.ToString());
        Write(json, "since", service.Since);
        json.WriteString("because", service.Because);
        json.WriteNumber("incarnation", service.Incarnation);
        WriteOptional(json, "present", service.Present);
        json.WriteBoolean("wanted", service.Wanted);
        json.WriteBoolean("listed", service.Listed);
        json.WriteBoolean("stopped_by_operator", service.StoppedByOperator);
        if (service.Timer is { } timer)
        {
            json.WriteString("timer", timer.Kind.ToString());
            json.WriteNumber("due", timer.Due.Ticks);
        }

        json.WriteNumber("kill_attempts", service.KillAttempts);
        Write(json, "healthy_since", service.HealthySince);
        json.WriteNumber("consecutive_crashes", service.ConsecutiveCrashes);
        json.WriteStartArray("recent_crashes");
        foreach (var at in service.RecentCrashes)
        {
            json.WriteNumberValue(at.Ticks);
        }

        json.WriteEndArray();
        Write(json, service.LastCrash);
        json.WriteNumber("restarts", service.Restarts);
        WriteProcesses(json, service);
        json.WriteEndObject();
    }

    private static void WriteProcesses(Utf8JsonWriter json, KeptService service)
    {
        json.WriteStartArray("processes");
        foreach (var process in service.Processes)
        {
            json.WriteStartObject();
            json.WriteNumber("incarnation", process.Incarnation);
            json.WriteNumber("pid", process.Pid);
            json.WriteNumber("start", process.StartTicks);
            if (process.Group is { } group)
            {
                json.WriteNumber("group_version", group.Version);
                json.WriteString("group", group.Name);
                json.WriteString("memory", group.Memory);
                json.WriteString("cpu", group.Cpu);
                json.WriteString("pids", group.Processes);
                json.WriteString("unified", group.Unified);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (service.SocketInode is { } socket && service.PathInode is { } path)
        {
            json.WriteNumber("socket", socket);
            json.WriteNumber("path", path);
        }
    }

    private static void Write(Utf8JsonWriter json, string name, NodeTime? time)
    {
        if (time is { } at)
        {
            json.WriteNumber(name, at.Monotonic.Ticks);
            json.WriteString(name + "_wall", at.Wall);
        }
    }

    private static void Write(Utf8JsonWriter json, CrashRecord? crash)
    {
        if (crash is not null)
        {
            json.WriteString("crash", crash.Cause.Kind.ToString());
            WriteOptional(json, "crash_number", crash.Cause.Number);
            WriteOptional(json, "crash_limit", crash.Cause.Limit?.Ticks);
            json.WriteString("crash_error", crash.Cause.Error);
            json.WriteNumber("crash_incarnation", crash.Incarnation);
            Write(json, "crash_at", crash.At);
        }
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, long? number)
    {
        if (number is { } value)
        {
            json.WriteNumber(name, value);
        }
    }

    private static KeptService ReadService(JsonElement service)
    {
        var recent = service.GetProperty("recent_crashes");
        var processes = service.GetProperty("processes");
        Require(recent.GetArrayLength() <= ManifestRanges.QuarantineCrashes.Most && processes.GetArrayLength() <= MaxProcesses, "it tells of too many crashes or processes");
        var name = Text(service, "name");
        Require(ManifestValidator.IsServiceName(name), "it names a service that cannot be");
        return new KeptService
        {
            Name = name,
            Kind = Choice<ServiceKind>(service, "kind"),
            State = Choice<ServiceState>(service, "state"),
            Since = TimeOf(service, "since") ?? throw new FormatException("a time is missing"),
            Because = Text(service, "because"),
            Incarnation = Number(service, "incarnation"),
            Present = service.TryGetProperty("present", out _) ? Number(service, "present") : null,
            Wanted = service.GetProperty("wanted").GetBoolean(),
            Listed = service.GetProperty("listed").GetBoolean(),
            StoppedByOperator = service.GetProperty("stopped_by_operator").GetBoolean(),
            Timer = service.TryGetProperty("timer", out _) ? new ServiceTimer(Choice<TimerKind>(service, "timer"), Span(service.GetProperty("due"))) : null,
            KillAttempts = Number(service, "kill_attempts"),
            HealthySince = TimeOf(service, "healthy_since"),
            ConsecutiveCrashes = Number(service, "consecutive_crashes"),
            RecentCrashes = [.. recent.EnumerateArray().Select(Span)],
            LastCrash = ReadCrash(service),
            Restarts = Number(service, "restarts"),
            Processes = [.. processes.EnumerateArray().Select(ReadProcess)],
            SocketInode = service.TryGetProperty("socket", out var socket) ? socket.GetUInt64() : null,
            PathInode = service.TryGetProperty("path", out var path) ? path.GetUInt64() : null,
        };
    }

    private static KeptProcess ReadProcess(JsonElement process)
    {
        var pid = Number(process, "pid");
        Require(pid > 1, "it names a process that cannot be a service's");
        return new KeptProcess(Number(process, "incarnation"), pid, process.GetProperty("start").GetUInt64())
        {
            Group = !process.TryGetProperty("group", out _) ? null : new KeptGroup(
                Number(process, "group_version"), Text(process, "group"), OptionalText(process, "memory"), OptionalText(process, "cpu"), OptionalText(process, "pids"), OptionalText(process, "unified")),
        };
    }

    private static CrashRecord? ReadCrash(JsonElement service) => !service.TryGetProperty("crash", out _) ? null : new CrashRecord(
        new CrashCause(
            Choice<CrashKind>(service, "crash"),
            service.TryGetProperty("crash_number", out _) ? Number(service, "crash_number") : null,
            service.TryGetProperty("crash_limit", out var limit) ? Span(limit) : null,
            OptionalText(service, "crash_error")),
        TimeOf(service, "crash_at") ?? throw new FormatException("a crash has no time"),
        Number(service, "crash_incarnation"));

    private static NodeTime? TimeOf(JsonElement holder, string name) =>
        holder.TryGetProperty(name, out var monotonic) ? new NodeTime(Span(monotonic), holder.GetProperty(name + "_wall").GetDateTimeOffset()) : null;

    private static TimeSpan Span(JsonElement ticks)
    {
        var span = TimeSpan.FromTicks(ticks.GetInt64());
        Require(span >= TimeSpan.Zero && span <= LongestTime, "a time is out of bounds");
        return span;
    }

    private static int Number(JsonElement holder, string name)
    {
        var number = holder.GetProperty(name).GetInt32();
        Require(number >= 0, $"{name} is negative");
        return number;
    }

    private static string Text(JsonElement holder, string name) => OptionalText(holder, name) ?? throw new FormatException($"{name} is missing");

    private static string? OptionalText(JsonElement holder, string name)
    {
        var text = holder.GetProperty(name).GetString();
        Require(!(text?.Length > MaxTextChars), $"{name} is too long");
        return text;
    }

    private static T Choice<T>(JsonElement holder, string name)
        where T : struct, Enum
    {
        var text = holder.GetProperty(name).GetString();
        Require(Enum.TryParse<T>(text, out var value) && Enum.IsDefined(value) && value.ToString() == text, string.Create(CultureInfo.InvariantCulture, $"{name} is none of {typeof(T).Name}"));
        return value;
    }

    private static void Require(bool holds, string fault)
    {
        if (!holds)
        {
            throw new FormatException(fault);
        }
    }
}
