// SPDX-License-Identifier: GPL-2.0
/*
 * Formatted extack texts, for kernels whose struct netlink_ext_ack has no
 * buffer. It points to the text until the answer is sent, which happens after
 * RTNL was released and without another word to the driver. So texts are kept:
 * a slot is written again only after as many other, different texts.
 */
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/netlink.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#define VMMQ_EXTACK_TEXTS 128

static char texts[VMMQ_EXTACK_TEXTS][NETLINK_MAX_FMTMSG_LEN];
static unsigned int next_text;
static DEFINE_SPINLOCK(texts_lock);

static const char *keep(const char *text)
{
	unsigned int i;

	for (i = 0; i < VMMQ_EXTACK_TEXTS; i++)
		if (!strcmp(texts[i], text))
			return texts[i];

	i = next_text++ % VMMQ_EXTACK_TEXTS;
	strscpy(texts[i], text, sizeof(texts[i]));
	return texts[i];
}

/**
 * vmmq_compat_extack_text() - format a text an extack can point to
 * @fmt: at most NETLINK_MAX_FMTMSG_LEN bytes when formatted, as newer kernels
 *	have it; longer texts are cut
 *
 * Context: any but hard interrupts.
 *
 * Return: the text, kept for the extack.
 */
const char *vmmq_compat_extack_text(const char *fmt, ...)
{
	char text[NETLINK_MAX_FMTMSG_LEN];
	const char *kept;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (len >= sizeof(text))
		net_warn_ratelimited("vmmq: truncated extack: %s\n", text);

	spin_lock_bh(&texts_lock);
	kept = keep(text);
	spin_unlock_bh(&texts_lock);

	do_trace_netlink_extack(kept);
	return kept;
}
