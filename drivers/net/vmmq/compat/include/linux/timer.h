/* SPDX-License-Identifier: GPL-2.0 */
#include_next <linux/timer.h>

#ifndef _VMMQ_COMPAT_LINUX_TIMER_H
#define _VMMQ_COMPAT_LINUX_TIMER_H

#ifdef VMMQ_LACKS_TIMER_CONTAINER_OF /* since 6.16 */
#define timer_container_of from_timer
#endif

#endif /* _VMMQ_COMPAT_LINUX_TIMER_H */
