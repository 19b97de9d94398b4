# bash completion for portvaktctl(8)

# Only root is told; whoever else presses Tab gets nothing, and at once.
_portvaktctl_names() {
	timeout 2 portvaktctl --json account list 2>/dev/null </dev/null |
		sed -n 's/^ *"name": "\([a-z0-9_-]*\)",*$/\1/p'
}

# The groups of the rules in force, as they are explained of one account.
_portvaktctl_groups() {
	timeout 2 portvaktctl --json explain "$1" 2>/dev/null </dev/null |
		sed -n 's/^ *"group": "\([a-z0-9_-]*\)",*$/\1/p'
}

_portvaktctl() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	local -a words=()
	local word

	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		[[ $word == -* ]] || words+=("$word")
	done
	case $prev in
	--reason|--issuer|--uid|--gecos|--as-of|--with|--unit|--order| \
	--session|--before) return ;;
	--basis|--from|--until|--exception) return ;;
	--kind) mapfile -t COMPREPLY < <(compgen -W 'case clerical' -- "$cur")
		return ;;
	--person|--subject) mapfile -t COMPREPLY < <(
			compgen -W "$(_portvaktctl_names)" -- "$cur")
		return ;;
	--rules) mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return ;;
	--home|--shell) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
	esac
	case "${words[*]}" in
	'') set -- status check account lock import explain simulate authorise \
		withdraw revoke authorised notices sessions pid-key reload \
		--json --help --version ;;
	account) set -- add list show lock unlock remove pid ;;
	'account add'*) set -- --pid --issuer --uid --gecos --home --shell \
		--json ;;
	'account lock'|lock) set -- "$(_portvaktctl_names)" --reason \
		--end-sessions --json ;;
	'account lock '*|'lock '*) set -- --reason --end-sessions --json ;;
	'account remove') set -- "$(_portvaktctl_names)" --yes --json ;;
	'account remove '*) set -- --yes --json ;;
	'account show'|'account unlock'|'account pid'|sessions)
		set -- "$(_portvaktctl_names)" --json ;;
	explain) set -- "$(_portvaktctl_names)" --as-of --with --json ;;
	'explain '*) set -- "$(_portvaktctl_groups "${words[1]}")" --as-of \
		--with --json ;;
	simulate) set -- --rules --json ;;
	revoke*) set -- --session --subject --before --issuer --reason --json ;;
	authorise|withdraw) set -- "$(_portvaktctl_names)" ;;
	'authorise '*' '*) set -- --unit --order --kind --basis --reason \
		--from --until --exception --json ;;
	'withdraw '*' '*) set -- --unit --reason --json ;;
	'authorise '*|'withdraw '*)
		set -- "$(_portvaktctl_groups "${words[1]}")" ;;
	authorised) set -- import --unit --person --as-of --from --until \
		--csv --json ;;
	notices) set -- take --all --json ;;
	pid-key) set -- rotate ;;
	import|'authorised import')
		mapfile -t COMPREPLY < <(compgen -f -X '!*.csv' -- "$cur")
		set -- --dry-run --json ;;
	*) set -- --json --help ;;
	esac
	mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$*" -- "$cur")
}
complete -F _portvaktctl portvaktctl
