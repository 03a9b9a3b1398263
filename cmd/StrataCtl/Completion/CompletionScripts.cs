namespace Strata.StrataCtl.Completion;

/// <summary>The scripts: thin, since the program itself knows the candidates.</summary>
internal static class CompletionScripts
{
    // The word under the cursor is the last one handed over; = and : must not split words.
    private const string Bash =
        """
        # bash completion of strata-ctl; load with: source <(strata-ctl completion bash)
        _strata_ctl() {
            local IFS=$'\n'
            COMPREPLY=($("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
            [[ ${#COMPREPLY[@]} -eq 0 ]] && compopt -o default 2>/dev/null
            return 0
        }
        complete -F _strata_ctl strata-ctl

        """;

    private const string Zsh =
        """
        #compdef strata-ctl
        # zsh completion of strata-ctl; put it into a directory of $fpath as _strata-ctl
        _strata_ctl() {
            local -a candidates
            candidates=("${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
            candidates=("${(@)candidates:#}")
            if (( ${#candidates} )); then
                compadd -a candidates
            else
                _files
            fi
        }
        if [[ "${funcstack[1]}" = "_strata-ctl" ]]; then
            _strata_ctl "$@"
        else
            compdef _strata_ctl strata-ctl
        fi

        """;

    private const string Fish =
        """
        # fish completion of strata-ctl; put it into ~/.config/fish/completions/strata-ctl.fish
        function __strata_ctl_complete
            set -l words (commandline -opc) (commandline -ct)
            $words[1] __complete $words[2..-1] 2>/dev/null
        end
        complete -c strata-ctl -f -a '(__strata_ctl_complete)'

        """;

    public static string For(string shell) => shell switch
    {
        "bash" => Bash,
        "zsh" => Zsh,
        _ => Fish,
    };
}
