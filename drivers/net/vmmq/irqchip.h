/* SPDX-License-Identifier: GPL-2.0 */
/* irqchip.c APIs: the irq domain and chip behind an adapter's vectors. */
#ifndef _VMMQ_IRQCHIP_H
#define _VMMQ_IRQCHIP_H

struct vmmq_adapter;

int vmmq_irqchip_create(struct vmmq_adapter *adapter);
void vmmq_irqchip_destroy(struct vmmq_adapter *adapter);

#endif /* _VMMQ_IRQCHIP_H */
