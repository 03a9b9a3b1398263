using System.Collections.Immutable;
using System.Text.Json;

namespace Strata.Supervision;

/// <summary>Bytes of a manifest file into a manifest, by the table of fields; every fault is found in one go and has a place.</summary>
internal sealed class ManifestReader
{
    private const string Advice = "strata-ctl config schema prints every field there is";

    private readonly ManifestFile _file;
    private readonly ServiceManifest? _builtIn;
    private readonly FaultSink _faults;
    private readonly ImmutableDictionary<string, int>.Builder _places = ImmutableDictionary.CreateBuilder<string, int>(StringComparer.Ordinal);
    private ServiceManifest _manifest;

    private ManifestReader(ManifestFile file, ServiceManifest? builtIn)
    {
        (_file, _builtIn, _faults) = (file, builtIn, new FaultSink(file));
        _manifest = builtIn ?? new ServiceManifest { Name = file.ServiceName, Program = "" };
    }

    /// <summary>Reads one file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="builtIn">The built-in manifest that the file tunes; null when it declares a service of its own.</param>
    internal static ManifestDocument Read(ManifestFile file, ServiceManifest? builtIn = null)
    {
        var reader = new ManifestReader(file, builtIn);
        var isManifest = reader.ReadFile();
        return new ManifestDocument(file, reader._manifest, isManifest, reader._places.ToImmutable(), reader._faults.ToImmutable());
    }

    private bool ReadFile()
    {
        if (_file.Unreadable is { } why)
        {
            _faults.AddWhole(why);
            return false;
        }

        if (_file.Content.Length > ManifestLimits.MaxFileBytes)
        {
            _faults.AddWhole($"is larger than {ManifestLimits.MaxFileBytes} bytes; no manifest needs that much");
            return false;
        }

        if (JsonPieces.Read(_file.Content.Span, _faults) is not { } root)
        {
            return false;
        }

        if (root.Kind != JsonValueKind.Object)
        {
            _faults.Add(root.Offset, "", $"a manifest is an object, {{ \"name\": ... }}, not {root.KindInWords}");
            return false;
        }

        Locate("", root);
        ReadObject("", root);
        CheckMissing(root.Offset);
        CheckName();
        return true;
    }

    private void ReadObject(string path, JsonPiece piece)
    {
        foreach (var member in piece.Members)
        {
            ReadMember(member, Inside(path, member.Name), path);
        }
    }

    private void ReadMember(JsonMember member, string path, string around)
    {
        var value = member.Value;
        // A dot in a name is no way to spell an object.
        var isPlain = !member.Name.Contains('.', StringComparison.Ordinal);
        if (isPlain && ManifestFields.Find(path) is { } field)
        {
            if (_builtIn is null || ManifestFields.IsTunable(_builtIn, field))
            {
                _manifest = field.Apply(_manifest, value, _faults);
            }
            else
            {
                _faults.Add(member.Offset, path, $"{_file.ServiceName} is a built-in service: a file may set its {ManifestFields.TunableNames}{(_builtIn.Name == BuiltInManifests.Fs.Name ? ", confinement.read, confinement.keep_capabilities" : "")} and nothing else; take this out, or choose another name for your service");
            }
        }
        else if (!isPlain || !ManifestFields.IsObject(path))
        {
            _faults.Add(member.Offset, path, $"is not a field of a manifest{NearestName.Hint(member.Name, ManifestFields.NamesIn(around))}; {Advice}");
        }
        else if (value.Kind == JsonValueKind.Object)
        {
            ReadObject(path, value);
        }
        else if (value.Kind == JsonValueKind.Null && _builtIn is null && ManifestFields.Absent(path) is { } absent)
        {
            _manifest = absent(_manifest);
        }
        else
        {
            _faults.Add(value.Offset, path, $"must be an object of {string.Join(", ", ManifestFields.NamesIn(path))}, not {value.KindInWords}");
        }
    }

    private void CheckMissing(int offset)
    {
        foreach (var field in ManifestFields.All.Where(f => f.IsRequired && (_builtIn is null || f.IsTunable) && !_places.ContainsKey(f.Path)))
        {
            _faults.Add(offset, field.Path, $"is missing: {field.Description}");
        }
    }

    // The file's name is what others are told to depend on, and it cannot occur twice in a directory.
    private void CheckName()
    {
        if (_manifest.Name != _file.ServiceName && !_faults.Covers("name"))
        {
            _faults.Add(_places["name"], "name", $"is \"{Shown.Text(_manifest.Name)}\", but the file is named {Shown.Text(_file.ServiceName)}{ManifestFile.Suffix}; make them the same");
        }

        _manifest = _manifest with { Name = _file.ServiceName };
    }

    private void Locate(string path, JsonPiece piece)
    {
        _places[path] = piece.Offset;
        foreach (var (index, item) in piece.Items.Index())
        {
            Locate($"{path}[{index}]", item);
        }

        foreach (var member in piece.Members)
        {
            Locate(Inside(path, member.Name), member.Value);
        }
    }

    private static string Inside(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
