// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupt moderation of a queue: the timer that delays a raise, and the
 * adaptive choice of its delay. When a raise is delayed is decided in
 * vector.c; a queue is moderated, never a vector, since VPorts share vectors.
 */
#include <linux/dim.h>
#include <linux/hrtimer.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include <uapi/linux/vmmq.h>

#include "netlink.h"
#include "queue.h"
#include "vport.h"

/* A stale timer finds another state and does nothing, or fires a delay early:
 * both are harmless.
 */
static enum hrtimer_restart vmmq_moderation_timer(struct hrtimer *timer)
{
	struct vmmq_queue *q = container_of(timer, struct vmmq_queue, timer);

	if (cmpxchg(&q->state, VMMQ_QUEUE_DELAYED, VMMQ_QUEUE_BUSY) ==
	    VMMQ_QUEUE_DELAYED)
		vmmq_queue_raise(q);
	return HRTIMER_NORESTART;
}

static void vmmq_moderation_store(struct vmmq_queue *q, u32 usecs, u32 frames)
{
	WRITE_ONCE(q->moderation.usecs, usecs);
	WRITE_ONCE(q->moderation.frames, frames);
}

static void vmmq_moderation_dim_work(struct work_struct *work)
{
	struct dim *dim = container_of(work, struct dim, work);
	struct vmmq_queue *q = container_of(dim, struct vmmq_queue, dim);
	struct dim_cq_moder moder;

	moder = net_dim_get_rx_moderation(dim->mode, dim->profile_ix);
	if (test_bit(VMMQ_VPORT_ADAPTIVE, &q->vport->flags))
		vmmq_moderation_store(q, moder.usec, moder.pkts);
	dim->state = DIM_START_MEASURE;
}

/* What the levels of the control family mean */
static const struct vmmq_moderation vmmq_moderation_levels[] = {
	[VMMQ_MODERATION_LEVEL_OFF] = { 0, 0 },
	[VMMQ_MODERATION_LEVEL_LOW] = { 16, 8 },
	[VMMQ_MODERATION_LEVEL_MEDIUM] = { 64, 32 },
	[VMMQ_MODERATION_LEVEL_HIGH] = { 256, 128 },
};

/**
 * vmmq_moderation_level() - the level that has certain values
 * @moderation: the values
 *
 * Context: any.
 * Return: a level, VMMQ_MODERATION_LEVEL_CUSTOM if none has them.
 */
u32 vmmq_moderation_level(const struct vmmq_moderation *moderation)
{
	u32 level;

	if (!moderation->usecs)
		return VMMQ_MODERATION_LEVEL_OFF;
	for (level = 0; level < ARRAY_SIZE(vmmq_moderation_levels); level++) {
		if (moderation->usecs == vmmq_moderation_levels[level].usecs &&
		    moderation->frames == vmmq_moderation_levels[level].frames)
			return level;
	}
	return VMMQ_MODERATION_LEVEL_CUSTOM;
}

/**
 * vmmq_moderation_requested() - the level that was asked for
 * @vport: the VPort
 *
 * Context: process, RTNL.
 * Return: a level, VMMQ_MODERATION_LEVEL_CUSTOM for other values.
 */
u32 vmmq_moderation_requested(const struct vmmq_vport *vport)
{
	const struct vmmq_moderation requested = {
		.usecs = vport->rx_usecs,
		.frames = vport->rx_frames,
	};

	if (test_bit(VMMQ_VPORT_ADAPTIVE, &vport->flags))
		return VMMQ_MODERATION_LEVEL_ADAPTIVE;
	return vmmq_moderation_level(&requested);
}

/**
 * vmmq_moderation_set_level() - set the moderation of a VPort by level
 * @vport: the VPort
 * @level: any but VMMQ_MODERATION_LEVEL_CUSTOM
 *
 * Context: process, RTNL.
 */
void vmmq_moderation_set_level(struct vmmq_vport *vport, u32 level)
{
	const struct vmmq_moderation now = {
		.usecs = vport->rx_usecs,
		.frames = vport->rx_frames,
	};

	if (level == VMMQ_MODERATION_LEVEL_ADAPTIVE)
		vmmq_moderation_set(vport, &now, true);
	else
		vmmq_moderation_set(vport, &vmmq_moderation_levels[level],
				    false);
}

/**
 * vmmq_moderation_init() - prepare a new queue
 * @q: the queue
 *
 * Context: process, RTNL.
 */
void vmmq_moderation_init(struct vmmq_queue *q)
{
	hrtimer_setup(&q->timer, vmmq_moderation_timer, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED);
	INIT_WORK(&q->dim.work, vmmq_moderation_dim_work);
	q->dim.mode = DIM_CQ_PERIOD_MODE_START_FROM_EQE;
	vmmq_moderation_store(q, q->vport->rx_usecs, q->vport->rx_frames);
}

/**
 * vmmq_moderation_cancel() - stop the timer and the adaptive work
 * @q: a queue that gets no frames and whose NAPI is disabled
 *
 * Context: process, RTNL.
 */
void vmmq_moderation_cancel(struct vmmq_queue *q)
{
	hrtimer_cancel(&q->timer);
	cancel_work_sync(&q->dim.work);
	q->dim.state = DIM_START_MEASURE;
}

/**
 * vmmq_moderation_sample() - feed the adaptive algorithm
 * @q: the queue
 *
 * Context: NAPI poll of @q.
 */
void vmmq_moderation_sample(struct vmmq_queue *q)
{
	struct dim_sample sample = {};

	if (!test_bit(VMMQ_VPORT_ADAPTIVE, &q->vport->flags))
		return;
	dim_update_sample(READ_ONCE(q->interrupts),
			  u64_stats_read(&q->rx.packets),
			  u64_stats_read(&q->rx.bytes), &sample);
	net_dim(&q->dim, &sample);
}

/**
 * vmmq_moderation_set() - change the moderation of a VPort
 * @vport: the VPort
 * @moderation: delay and frame count, within the limits
 * @adaptive: let the traffic choose them
 *
 * Context: process, RTNL. Takes effect with the next raise.
 */
void vmmq_moderation_set(struct vmmq_vport *vport,
			 const struct vmmq_moderation *moderation,
			 bool adaptive)
{
	unsigned int i;

	ASSERT_RTNL();
	vport->rx_usecs = moderation->usecs;
	vport->rx_frames = moderation->frames;
	assign_bit(VMMQ_VPORT_ADAPTIVE, &vport->flags, adaptive);
	for (i = 0; i < vport->max_queues; i++) {
		if (!vport->queues[i])
			continue;
		if (!adaptive) {
			cancel_work_sync(&vport->queues[i]->dim.work);
			vport->queues[i]->dim.state = DIM_START_MEASURE;
		}
		vmmq_moderation_store(vport->queues[i], vport->rx_usecs,
				      vport->rx_frames);
	}
	vmmq_nl_announce_vport(vport, VMMQ_CMD_VPORT_CHANGE_NTF);
}
