/* SPDX-License-Identifier: GPL-2.0 */
#include_next <net/rtnetlink.h>

#ifndef _VMMQ_COMPAT_NET_RTNETLINK_H
#define _VMMQ_COMPAT_NET_RTNETLINK_H

#ifdef VMMQ_LACKS_DEVLINK_PORT_NETDEV /* see compat/devlink.c */
int vmmq_compat_link_register(struct rtnl_link_ops *ops);
void vmmq_compat_link_unregister(struct rtnl_link_ops *ops);

#define rtnl_link_register vmmq_compat_link_register
#define rtnl_link_unregister vmmq_compat_link_unregister
#endif

#endif /* _VMMQ_COMPAT_NET_RTNETLINK_H */
