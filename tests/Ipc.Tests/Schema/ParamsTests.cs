namespace Strata.Ipc.Tests;

public sealed class ParamsTests : IDisposable
{
    private readonly SessionDriver _driver = new(new TestMethods().All());

    public void Dispose() => _driver.Dispose();

    public static TheoryData<string, string, string> Unfit => new()
    {
        // Params, the field at fault, what is said of it.
        { """{}""", "name", "is missing" },
        { """{"name":"n"}""", "count", "is missing" },
        { """{"name":null,"count":1}""", "name", "must be a string" },
        { """{"name":5,"count":1}""", "name", "must be a string" },
        { """{"name":"","count":1}""", "name", "must have 1 to 12 bytes" },
        { """{"name":"0123456789abc","count":1}""", "name", "must have 1 to 12 bytes" },
        { """{"name":"éééééé1","count":1}""", "name", "must have 1 to 12 bytes" },
        { """{"name":"n","count":"1"}""", "count", "must be a whole number from -5 to 500" },
        { """{"name":"n","count":-6}""", "count", "must be a whole number" },
        { """{"name":"n","count":501}""", "count", "must be a whole number" },
        { """{"name":"n","count":1.0}""", "count", "must be a whole number" },
        { """{"name":"n","count":1e2}""", "count", "must be a whole number" },
        { """{"name":"n","count":99999999999999999999}""", "count", "must be a whole number" },
        { """{"name":"n","count":null}""", "count", "must be a whole number" },
        { """{"name":"n","count":1,"mode":"medium"}""", "mode", "must be one of slow, fast" },
        { """{"name":"n","count":1,"mode":null}""", "mode", "must be a string" },
        { """{"name":"n","count":1,"offset":-1}""", "offset", "must be a whole number" },
        { """{"name":"n","count":1,"flag":0}""", "flag", "must be true or false" },
        { """{"name":"n","count":1,"flag":"true"}""", "flag", "must be true or false" },
        { """{"name":"n","count":1,"ratio":"1"}""", "ratio", "must be a number" },
        { """{"name":"n","count":1,"ratio":1e999}""", "ratio", "must be a number" },
        { """{"name":"n","count":1,"tags":"x"}""", "tags", "must be an array" },
        { """{"name":"n","count":1,"tags":["a","b","c","d"]}""", "tags", "at most 3 items" },
        { """{"name":"n","count":1,"tags":[null]}""", "tags", "must be a string" },
        { """{"name":"n","count":1,"tags":["1234567"]}""", "tags", "at most 6 bytes" },
        { """{"name":"n","count":1,"weights":[]}""", "weights", "must be an object" },
        { """{"name":"n","count":1,"weights":{"a":"b"}}""", "weights", "must be a whole number" },
        { """{"name":"n","count":1,"weights":{"a":1,"b":2,"c":3}}""", "weights", "at most 2 members" },
        { """{"name":"n","count":1,"weights":{"a":1,"\u0061":2}}""", "weights", "twice" },
        { """{"name":"n","count":1,"data":"%%"}""", "data", "standard base64" },
        { """{"name":"n","count":1,"data":"YQ"}""", "data", "standard base64" },
        { """{"name":"n","count":1,"data":"-_8="}""", "data", "standard base64" },
        { """{"name":"n","count":1,"nested":{}}""", "nested.level", "is missing" },
        { """{"name":"n","count":1,"nested":{"level":0}}""", "nested.level", "must be a whole number from 1 to 9" },
        { """{"name":"n","count":1,"nested":{"level":1,"Level":2}}""", "nested.Level", "unknown field" },
        { """{"name":"n","count":1,"nested":{"level":1,"level":2}}""", "nested.level", "is given twice" },
        { """{"name":"n","count":1,"children":[{"level":1},{"label":"x"}]}""", "children.level", "is missing" },
        { """{"name":"n","count":1,"extra":{"a":{"b":1,"b":2}}}""", "extra", "twice" },
        { """{"name":"n","count":1,"extra":[{"a":1,"a":1}]}""", "extra", "twice" },
        { """{"name":"n","name":"m","count":1}""", "name", "is given twice" },
        { """{"name":"n","n\u0061me":"m","count":1}""", "name", "is given twice" },
        { """{"Name":"n","count":1}""", "Name", "unknown field" },
        { """{"name":"n","count":1,"limit":{"x":[]}}""", "limit", "unknown field \"limit\"; it takes name, count" },
        { """{"name":"n","count":1,"uid":-1}""", "uid", "must be a whole number" },
        { """{"name":"n","count":1,"uid":4294967296}""", "uid", "must be a whole number" },
    };

    [Theory]
    [MemberData(nameof(Unfit))]
    public void Params_that_do_not_fit_are_refused_naming_the_field(string parameters, string field, string expectation)
    {
        var answer = _driver.Call("t.all", parameters);
        answer.AssertError(ErrorCode.InvalidArgument, expectation);
        Assert.Contains(field, answer.Message(), StringComparison.Ordinal);
        Assert.Equal(field, answer.Detail("field"));
        Assert.True(_driver.Call("t.ping", "{}").IsOk());
    }

    [Theory]
    [InlineData("""{"name":"n","count":-5}""")]
    [InlineData("""{"name":"123456789012","count":500,"mode":"fast","offset":9000000000000000,"flag":true,"ratio":-1.5e3}""")]
    [InlineData("""{"name":"éééééé","count":1,"tags":[],"weights":{"a":1,"b":2},"data":"YQ==","uid":4294967295}""")]
    [InlineData("""{"name":"\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9","count":1,"tags":["123456","",""]}""")]
    [InlineData("""{"name":"n","count":1,"ratio":null,"tags":null,"weights":null,"data":null,"nested":null,"children":null,"extra":null}""")]
    [InlineData("""{"name":"n","count":1,"nested":{"level":9,"label":null},"children":[{"level":1},{"level":2,"label":"x"}],"extra":{"a":[1,{"a":2}]}}""")]
    public void Params_within_their_bounds_are_accepted(string parameters) =>
        Assert.True(_driver.Call("t.all", parameters).IsOk());

    [Fact]
    public void Params_may_be_left_out_only_when_none_are_required()
    {
        Assert.True(_driver.Call("""{"v":1,"req_id":"1","method":"t.ping"}""").IsOk());
        _driver.Call("""{"v":1,"req_id":"1","method":"t.echo"}""").AssertError(ErrorCode.InvalidArgument, "\"text\" is missing");
        _driver.Call("t.ping", """{"x":1}""").AssertError(ErrorCode.InvalidArgument, "unknown field \"x\"; it takes none");
    }
}
