# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Completion of vmmqctl's words in bash. It asks the tool itself: a word that can't be is
# refused together with the list of those that can.

_vmmqctl_devices() {
	vmmqctl vport 2>/dev/null | sed -n '1d; s/ .*//p'
}

_vmmqctl_adapters() {
	vmmqctl adapter 2>/dev/null | sed -n 's/^\([^ :]*\): .*/\1/p'
}

# The words the tool would take behind those in "$@"
_vmmqctl_words() {
	vmmqctl "$@" '?' 2>&1 >/dev/null | sed -n 's/.* There are: //p'
}

_vmmqctl() {
	local word=${COMP_WORDS[COMP_CWORD]} noun=${COMP_WORDS[1]-} words

	if [ "$COMP_CWORD" -le 1 ] || [ "$noun" = help ] || [ "$noun" = monitor ]; then
		words=$(_vmmqctl_words)
	elif [ "$COMP_CWORD" = 2 ]; then
		case $noun in
		move | stats | predict) words=$(_vmmqctl_devices) ;;
		*) words=$(_vmmqctl_words "$noun") ;;
		esac
	elif [ "$COMP_CWORD" = 3 ]; then
		case $noun:${COMP_WORDS[2]} in
		adapter:* | vector:* | vport:add) words=$(_vmmqctl_adapters) ;;
		vport:* | filter:* | rss:*) words=$(_vmmqctl_devices) ;;
		esac
	fi
	[ -n "${words-}" ] || [ "$COMP_CWORD" -le 3 ] || case $noun in
	adapter | vport | filter | rss) words=$(_vmmqctl_words "$noun" "${COMP_WORDS[2]}" x) ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "${words-}" -- "$word")
}

complete -F _vmmqctl vmmqctl
