# fish completion for portvakt(1)

function __portvakt_groups
	# Root and the group portvakt-verify are told, and nobody else.
	timeout 2 portvakt groups 2>/dev/null </dev/null | string replace -r ' .*' ''
end

function __portvakt_services
	for file in /etc/pam.d/*
		string match -v 'common-*' (basename $file)
	end
end

set -l top verify groups handle

complete -c portvakt -f
complete -c portvakt -n "not __fish_seen_subcommand_from $top" -a "$top"
complete -c portvakt -n "not __fish_seen_subcommand_from $top" \
	-l help -d 'show what it takes'
complete -c portvakt -n "not __fish_seen_subcommand_from $top" \
	-l version -d 'show the version'
for option in audience scope issuer max-age
	complete -c portvakt -n '__fish_seen_subcommand_from verify' \
		-l $option -x
end
complete -c portvakt -n '__fish_seen_subcommand_from verify' \
	-l group -x -a '(__portvakt_groups)'
complete -c portvakt -n '__fish_seen_subcommand_from verify' \
	-l level -x -a 'low substantial high'
complete -c portvakt -n '__fish_seen_subcommand_from verify groups handle' \
	-l json -d 'answer with JSON'
complete -c portvakt -n '__fish_seen_subcommand_from verify groups' \
	-l image -r -F -d 'another trust image'
complete -c portvakt -n '__fish_seen_subcommand_from handle' \
	-l service -x -a '(__portvakt_services)'
complete -c portvakt -n '__fish_seen_subcommand_from handle' \
	-l account -x -a '(__fish_complete_users)'
