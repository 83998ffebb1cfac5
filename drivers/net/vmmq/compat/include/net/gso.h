/* SPDX-License-Identifier: GPL-2.0 */
#ifdef VMMQ_LACKS_NET_GSO /* since 6.5; it was in netdevice.h */
#include <linux/netdevice.h>
#else
#include_next <net/gso.h>
#endif
