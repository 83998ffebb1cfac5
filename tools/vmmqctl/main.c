// SPDX-License-Identifier: GPL-2.0
/* Options, nouns and verbs of the command line, and help. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "ctl.h"

#define CTL_VERSION	"1.0"
#define CTL_NAMESPACES	"/var/run/netns/"

struct ctl ctl;

static const struct noun *const nouns[] = {
	&noun_adapter, &noun_vport, &noun_filter, &noun_rss, &noun_move,
	&noun_vector, &noun_monitor, &noun_stats, &noun_predict, NULL
};

static const char usage[] =
"usage: vmmqctl [-j] [-p] [-n NETNS] NOUN [VERB] ...\n"
"       vmmqctl help [NOUN]\n"
"\n"
"Shows and changes emulated VMMQ adapters of the kernel module vmmq.\n"
"\n";

static const char usage_more[] =
"\n"
"  -j, --json      print JSON, for each 'show' an array of objects\n"
"  -p, --pretty    indent JSON\n"
"  -n, --netns NETNS\n"
"                  act in this network namespace, one of 'ip netns'\n"
"  -h, --help      print this, behind a noun its help\n"
"  -V, --version   print the version\n"
"\n"
"'show' is the default verb. Words may be shortened while they are unique.\n"
"A DEV is a VPort: its net device, also in another namespace, or\n"
"ADAPTER/NUMBER.\n"
"\n"
"Exit status: 0 done; 1 the command line is refused, or the tool lacks\n"
"something, such as the module; 2 the kernel refuses, which prints its reason\n"
"and the attribute it points at.\n";

static void complain(const char *format, va_list args)
{
	fflush(stdout);
	fputs("vmmqctl: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

void ctl_say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(format, args);
	va_end(args);
}

void ctl_misused(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(format, args);
	va_end(args);
	exit(CTL_MISUSED);
}

void *ctl_realloc(void *old, size_t size)
{
	void *new = realloc(old, size);

	if (!new)
		ctl_misused("out of memory");
	return new;
}

char *ctl_strndup(const char *text, size_t len)
{
	char *copy = strndup(text, len);

	if (!copy)
		ctl_misused("out of memory");
	return copy;
}

static int help(void)
{
	size_t i;

	fputs(usage, stdout);
	for (i = 0; nouns[i]; i++)
		printf("  %-10s%s\n", nouns[i]->name, nouns[i]->what);
	fputs(usage_more, stdout);
	return CTL_OK;
}

static const struct noun *find_noun(const char *word)
{
	const char *list[CTL_ARRAY_SIZE(nouns) + 1];
	size_t i, found;

	for (i = 0; nouns[i]; i++)
		list[i] = nouns[i]->name;
	list[i] = "help";
	list[i + 1] = NULL;
	found = args_choose(word, list, "noun");
	return nouns[found];
}

static int help_about(struct args *args)
{
	const struct noun *noun;

	if (!args_more(args))
		return help();
	noun = find_noun(args_next(args, "a noun"));
	args_end(args);
	if (!noun)
		return help();
	fputs(noun->help, stdout);
	return CTL_OK;
}

static bool wants_help(const char *word)
{
	return word && (!strcmp(word, "help") || !strcmp(word, "-h") ||
			!strcmp(word, "--help"));
}

static int run_verb(const struct noun *noun, struct args *args)
{
	const char *list[ARGS_KEYWORDS + 1];
	size_t i;

	for (i = 0; noun->verbs[i].name; i++)
		list[i] = noun->verbs[i].name;
	list[i] = "help";
	list[i + 1] = NULL;
	i = args_more(args) ?
	    args_choose(args_next(args, "a verb"), list, "verb") : 0;
	if (noun->verbs[i].name)
		return noun->verbs[i].run(args);
	fputs(noun->help, stdout);
	return CTL_OK;
}

static int run(struct args *args)
{
	const struct noun *noun;

	if (!args_more(args)) {
		help();
		return CTL_MISUSED;
	}
	noun = find_noun(args_next(args, "a noun"));
	if (!noun)
		return help_about(args);
	if (wants_help(args_peek(args))) {
		fputs(noun->help, stdout);
		return CTL_OK;
	}
	return noun->verbs ? run_verb(noun, args) : noun->run(args);
}

static void enter_namespace(const char *name)
{
	char path[sizeof(CTL_NAMESPACES) + 256];
	int fd;

	if (strchr(name, '/') || !strcmp(name, "..") || strlen(name) > 255)
		ctl_misused("'%s' is no name of a network namespace", name);
	snprintf(path, sizeof(path), "%s%s", CTL_NAMESPACES, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		ctl_misused("no network namespace '%s' (%s: %s)", name, path,
			    strerror(errno));
	if (setns(fd, CLONE_NEWNET))
		ctl_misused("can't enter the network namespace '%s': %s", name,
			    strerror(errno));
	close(fd);
}

static bool on_a_terminal(void)
{
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !getenv("NO_COLOR") && term &&
	       strcmp(term, "dumb");
}

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "pretty", no_argument, NULL, 'p' },
	{ "netns", required_argument, NULL, 'n' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ }
};

static void read_options(int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "+jpn:hV", options,
				     NULL)) != -1) {
		switch (option) {
		case 'j':
			ctl.json = true;
			break;
		case 'p':
			ctl.pretty = true;
			break;
		case 'n':
			enter_namespace(optarg);
			break;
		case 'h':
			exit(help());
		case 'V':
			puts("vmmqctl " CTL_VERSION);
			exit(CTL_OK);
		default:
			ctl_misused("see 'vmmqctl help'");
		}
	}
}

/* What can't be written must not pass for an empty answer. */
static int flushed(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	ctl_misused("can't write: %s", strerror(errno));
}

int main(int argc, char **argv)
{
	struct args args;

	read_options(argc, argv);
	ctl.color = !ctl.json && on_a_terminal();
	args.words = argv + optind;
	args.left = argc - optind;
	return flushed(run(&args));
}
