namespace Strata.Hosting;

/// <summary>The environment or the machine does not allow the program to start; the message says what to do.</summary>
/// <param name="message">For the operator.</param>
/// <param name="inner">The cause, if any.</param>
public sealed class SettingsException(string message, Exception? inner = null) : Exception(message, inner);
