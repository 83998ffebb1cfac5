/* SPDX-License-Identifier: GPL-2.0 */
/*
 * complete.c APIs: TX completion. Receivers hand back credits, the NAPI of the
 * TX queue turns them into completions.
 */
#ifndef _VMMQ_COMPLETE_H
#define _VMMQ_COMPLETE_H

#include <linux/types.h>

#include "vmmq.h"

#define VMMQ_CREDIT_SLOTS	8

/**
 * struct vmmq_credits - credits one poll gathers before it hands them back
 * @used: slots in use
 * @slot: the queue and what it gets
 */
struct vmmq_credits {
	unsigned int used;
	struct {
		struct vmmq_queue *queue;
		u64 credit;
	} slot[VMMQ_CREDIT_SLOTS];
};

void vmmq_credits_gather(struct vmmq_credits *credits,
			 struct vmmq_queue *queue, u32 bytes);
void vmmq_credits_return(struct vmmq_credits *credits);
void vmmq_credit_one(struct vmmq_queue *queue, u32 bytes);

bool vmmq_complete_poll(struct vmmq_queue *q);

#endif /* _VMMQ_COMPLETE_H */
