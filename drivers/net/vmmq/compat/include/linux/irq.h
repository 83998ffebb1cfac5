/* SPDX-License-Identifier: GPL-2.0 */
#include_next <linux/irq.h>

#ifndef _VMMQ_COMPAT_LINUX_IRQ_H
#define _VMMQ_COMPAT_LINUX_IRQ_H

#ifdef VMMQ_LACKS_IRQ_MOVE_PCNTXT /* the default, and no flag, by 7.2 */
#define IRQ_MOVE_PCNTXT 0
#endif

#endif /* _VMMQ_COMPAT_LINUX_IRQ_H */
