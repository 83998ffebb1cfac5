/* SPDX-License-Identifier: GPL-2.0 */
#include_next <linux/netlink.h>

#ifndef _VMMQ_COMPAT_LINUX_NETLINK_H
#define _VMMQ_COMPAT_LINUX_NETLINK_H

#ifdef VMMQ_LACKS_NL_ERR_FMT /* since 6.2 */
#include <linux/compiler_attributes.h>

#define NETLINK_MAX_FMTMSG_LEN 80

__printf(1, 2) const char *vmmq_compat_extack_text(const char *fmt, ...);

#define NL_SET_ERR_MSG_FMT(extack, fmt, args...) do {			\
	struct netlink_ext_ack *__extack = (extack);			\
									\
	if (__extack)							\
		__extack->_msg = vmmq_compat_extack_text(fmt, ##args);	\
} while (0)

#define NL_SET_ERR_MSG_FMT_MOD(extack, fmt, args...)			\
	NL_SET_ERR_MSG_FMT((extack), KBUILD_MODNAME ": " fmt, ##args)

#define NL_SET_ERR_MSG_ATTR_FMT(extack, attr, fmt, args...) do {	\
	struct netlink_ext_ack *__attr_extack = (extack);		\
									\
	NL_SET_ERR_MSG_FMT(__attr_extack, fmt, ##args);			\
	NL_SET_BAD_ATTR(__attr_extack, attr);				\
} while (0)
#endif

#endif /* _VMMQ_COMPAT_LINUX_NETLINK_H */
