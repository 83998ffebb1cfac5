// SPDX-License-Identifier: GPL-2.0
/*
 * Numbered traffic between sockets in two network namespaces: the load of the
 * tests that count lost frames. Every UDP datagram carries its flow's number
 * and its own; a flow has at most a window of them outstanding, as the
 * receivers are threads of the same program and give the credit back. TCP
 * streams carry a running count. What was sent and what came is known exactly.
 *
 * A worker is a pair of threads, a sender and a receiver, with one flow or, of
 * UDP, with a share of all.
 *
 * The program obeys one-word commands on its standard input and answers each
 * with a line of JSON, see usage().
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/sock_diag.h>

#define MAX_FLOWS	1024
#define MAX_SIZE	65000
#define MAX_MERGED	65536
#define MAX_DATAGRAMS	(1u << 26)	/* of one flow; a bit each */
#define SPEC_FIELDS	9
#define MAGIC		0x766d6d71u
#define RECEIVE_BUFFER	(16 << 20)
#define TICK_MS		100
#define POLL_US		2000
#define BURST		16	/* datagrams of a flow in one go */
#define MAX_EVENTS	64

/* The head of a datagram */
struct label {
	uint32_t magic;
	uint32_t flow;
	uint64_t number;
};

struct address {
	struct sockaddr_storage sa;
	socklen_t len;
};

struct flow {
	bool tcp;
	const char *from_ns, *to_ns;
	struct address from, to;
	unsigned int window;	/* datagrams, or bytes of the TCP send buffer */
	unsigned int size;
	unsigned int index;

	int tx, rx;
	struct worker *worker;
	struct flow *next;	/* of the worker's */
	atomic_int credits;	/* datagrams that may be sent */
	uint64_t last_received;	/* sender only */
	atomic_uint_fast64_t credited;	/* tolerant: credit is back below this number */
	uint8_t *seen;		/* a bit per datagram, receiver only */
	uint64_t highest;	/* receiver only */

	/* datagrams, or bytes of TCP */
	atomic_uint_fast64_t sent, received;
	atomic_uint_fast64_t forgotten, duplicates, reordered, corrupt, errors;
	atomic_uint_fast64_t merged;	/* receive calls that brought several */
};

struct worker {
	struct flow *first;
	pthread_t sender, receiver;
	sem_t wake;		/* credits have come */
	atomic_bool woken;
	atomic_bool idle;	/* the sender is not inside a send call */
};

enum phase { RUN, HOLD, STOP };

static struct flow flows[MAX_FLOWS];
static unsigned int num_flows;
static struct worker workers[MAX_FLOWS];
static unsigned int num_workers;
static unsigned int max_udp_workers = MAX_FLOWS;
static bool tolerant, merge;
static int busy_poll_usecs;
static unsigned int stall_seconds = 20;

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_opened = PTHREAD_COND_INITIALIZER;
static _Atomic enum phase phase = HOLD;

static void usage(void)
{
	puts("usage: flows [-gt] [-b USECS] [-j WORKERS] [-s SECONDS] FLOW...\n"
	     "Sends numbered traffic and says what arrived.\n"
	     "FLOW: tcp|udp,FROM_NS,ADDRESS,PORT,TO_NS,ADDRESS,PORT,WINDOW,SIZE\n"
	     "  FROM_NS, TO_NS  namespace names as of ip netns, - for the own one\n"
	     "  WINDOW          datagrams outstanding; TCP: bytes of the send buffer\n"
	     "  SIZE            bytes of a datagram's payload; TCP: of a write\n"
	     "options:\n"
	     "  -t         tolerant: lost datagrams don't use up the window, errors of\n"
	     "             sockets don't end a flow\n"
	     "  -b USECS   receivers poll the NIC (SO_BUSY_POLL)\n"
	     "  -g         UDP receivers take merged datagrams (UDP_GRO)\n"
	     "  -j WORKERS pairs of threads for all UDP flows (one for each flow)\n"
	     "  -s SECONDS give up waiting when nothing arrived for so long (20)\n"
	     "commands on standard input, each answered with a line of JSON:\n"
	     "  go         senders send; they start on hold\n"
	     "  hold       senders stop; answered when all has arrived, or never will\n"
	     "  wait N     answered when N more datagrams (TCP: writes) have arrived\n"
	     "  stat       answered at once\n"
	     "End of file ends it at once.");
}

/* ---- sockets ---- */

static void allow_files(rlim_t count)
{
	struct rlimit limit = { count, count };

	if (setrlimit(RLIMIT_NOFILE, &limit))
		err(1, "%ju open files", (uintmax_t)count);
}

static void enter_ns(const char *name)
{
	char path[256];
	int fd;

	if (!strcmp(name, "-"))
		snprintf(path, sizeof(path), "/proc/%d/ns/net", getpid());
	else
		snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "namespace %s", name);
	close(fd);
}

static void set_option(int fd, int level, int name, int value, const char *what)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)))
		err(1, "%s", what);
}

/* A socket in a namespace, bound, with large buffers. */
static int open_socket(const struct flow *f, const char *ns,
		       const struct address *local)
{
	int fd;

	enter_ns(ns);
	fd = socket(local->sa.ss_family, f->tcp ? SOCK_STREAM : SOCK_DGRAM, 0);
	if (fd < 0)
		err(1, "socket");
	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
	set_option(fd, SOL_SOCKET, SO_BROADCAST, 1, "SO_BROADCAST");
	set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER,
		   "SO_RCVBUFFORCE");
	if (bind(fd, (const struct sockaddr *)&local->sa, local->len))
		err(1, "flow %u: bind", f->index);
	return fd;
}

static void busy_poll(int fd)
{
	if (busy_poll_usecs)
		set_option(fd, SOL_SOCKET, SO_BUSY_POLL, busy_poll_usecs,
			   "SO_BUSY_POLL");
}

static void connect_flow(struct flow *f)
{
	if (connect(f->tx, (const struct sockaddr *)&f->to.sa, f->to.len))
		err(1, "flow %u: connect", f->index);
}

static void open_udp(struct flow *f)
{
	f->rx = open_socket(f, f->to_ns, &f->to);
	busy_poll(f->rx);
	if (merge)
		set_option(f->rx, SOL_UDP, UDP_GRO, 1, "UDP_GRO");
	f->tx = open_socket(f, f->from_ns, &f->from);
	connect_flow(f);
	f->credits = f->window;
	f->seen = calloc(MAX_DATAGRAMS / 8, 1);
	if (!f->seen)
		err(1, "flow %u", f->index);
}

/* Sockets are reset when closed: none outlives the program. */
static void reset_on_close(int fd)
{
	struct linger linger = { .l_onoff = 1 };

	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)))
		err(1, "SO_LINGER");
}

static void open_tcp(struct flow *f)
{
	int listener = open_socket(f, f->to_ns, &f->to);

	if (listen(listener, 1))
		err(1, "flow %u: listen", f->index);
	f->tx = open_socket(f, f->from_ns, &f->from);
	set_option(f->tx, SOL_SOCKET, SO_SNDBUFFORCE, f->window / 2,
		   "SO_SNDBUFFORCE");
	set_option(f->tx, IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY");
	connect_flow(f);
	f->rx = accept(listener, NULL, NULL);
	if (f->rx < 0)
		err(1, "flow %u: accept", f->index);
	close(listener);
	busy_poll(f->rx);
	reset_on_close(f->tx);
	reset_on_close(f->rx);
}

/* ---- senders ---- */

/* Waits while senders are on hold; false: the end. */
static bool may_send(struct worker *w)
{
	if (phase == RUN)
		return true;
	pthread_mutex_lock(&gate);
	w->idle = true;
	while (phase == HOLD)
		pthread_cond_wait(&gate_opened, &gate);
	w->idle = phase == STOP;
	pthread_mutex_unlock(&gate);
	return phase != STOP;
}

static struct timespec in_a_tick(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_nsec += TICK_MS * 1000000L;
	t.tv_sec += t.tv_nsec / 1000000000L;
	t.tv_nsec %= 1000000000L;
	return t;
}

/* False if no credit came within a tick. */
static bool wait_for_credit(struct worker *w)
{
	struct timespec deadline = in_a_tick();
	bool came = !sem_timedwait(&w->wake, &deadline);

	w->woken = false;
	return came;
}

static void give_credits(struct flow *f, unsigned int count)
{
	f->credits += count;
	if (!atomic_exchange(&f->worker->woken, true))
		sem_post(&f->worker->wake);
}

/* The credit of all datagrams below a number, lost ones too: else each loss made
 * the window smaller for good, until nothing was lost any more. Returns how many.
 */
static unsigned int give_credits_up_to(struct flow *f, uint64_t number)
{
	uint64_t before = f->credited;

	do {
		if (before >= number)
			return 0;
	} while (!atomic_compare_exchange_weak(&f->credited, &before, number));
	give_credits(f, number - before);
	return number - before;
}

/* Tolerant: nothing came for a tick, so what is outstanding counts as lost. */
static void forget_outstanding(struct flow *f)
{
	uint64_t received = f->received;

	if (tolerant && received == f->last_received)
		f->forgotten += give_credits_up_to(f, f->sent);
	f->last_received = received;
}

/* False if the flow is over. A full socket buffer is no error. */
static bool may_go_on(struct flow *f, int error)
{
	if (error == EAGAIN || error == EINTR)
		return true;
	f->errors++;
	usleep(1000);
	return error != EPIPE && error != ECONNRESET;
}

static bool send_datagram(struct flow *f, uint8_t *data, uint64_t number)
{
	struct label label = {
		.magic = htobe32(MAGIC),
		.flow = htobe32(f->index),
		.number = htobe64(number),
	};

	memcpy(data, &label, sizeof(label));
	memset(data + sizeof(label), (uint8_t)number, f->size - sizeof(label));
	return send(f->tx, data, f->size, 0) == (ssize_t)f->size;
}

/* True if something could be sent. */
static bool send_burst(struct flow *f)
{
	uint8_t data[MAX_SIZE];
	unsigned int n;

	for (n = 0; n < BURST && f->credits > 0 && phase == RUN; n++) {
		if (f->sent == MAX_DATAGRAMS)
			break;
		if (!send_datagram(f, data, f->sent)) {
			may_go_on(f, errno);
			break;
		}
		f->credits--;
		f->sent++;
	}
	return n;
}

static void *udp_sender(void *arg)
{
	struct worker *w = arg;
	struct flow *f;

	while (may_send(w)) {
		bool sent = false;

		for (f = w->first; f; f = f->next)
			sent |= send_burst(f);
		if (sent || wait_for_credit(w))
			continue;
		for (f = w->first; f; f = f->next)
			forget_outstanding(f);
	}
	w->idle = true;
	return NULL;
}

/* Fills a buffer with the part of the endless count that starts at offset. */
static void fill_count(uint8_t *data, size_t len, uint64_t offset)
{
	for (size_t i = 0; i < len; i += sizeof(uint64_t)) {
		uint64_t word = htobe64(offset + i);

		memcpy(data + i, &word, sizeof(word));
	}
}

static void *tcp_sender(void *arg)
{
	struct worker *w = arg;
	struct flow *f = w->first;
	uint8_t data[MAX_SIZE];
	size_t done = f->size;
	ssize_t n;

	while (may_send(w)) {
		if (done == f->size) {
			fill_count(data, f->size, f->sent);
			done = 0;
		}
		n = send(f->tx, data + done, f->size - done, MSG_NOSIGNAL);
		if (n < 0) {
			if (!may_go_on(f, errno))
				break;
			continue;
		}
		done += n;
		f->sent += n;
	}
	w->idle = true;
	return NULL;
}

/* ---- receivers ---- */

static bool label_ok(const struct flow *f, const uint8_t *data, ssize_t len)
{
	struct label label;

	if (len != (ssize_t)f->size)
		return false;
	memcpy(&label, data, sizeof(label));
	return be32toh(label.magic) == MAGIC && be32toh(label.flow) == f->index &&
	       be64toh(label.number) < MAX_DATAGRAMS &&
	       (len == sizeof(label) ||
		data[len - 1] == (uint8_t)be64toh(label.number));
}

/* Counts a good datagram once. */
static void note_datagram(struct flow *f, uint64_t number)
{
	uint8_t bit = 1u << (number % 8);

	if (f->seen[number / 8] & bit) {
		f->duplicates++;
		return;
	}
	f->seen[number / 8] |= bit;
	if (number < f->highest)
		f->reordered++;
	else
		f->highest = number;
	f->received++;
	if (tolerant)
		give_credits_up_to(f, number + 1);
	else
		give_credits(f, 1);
}

static void take_datagram(struct flow *f, const uint8_t *data, ssize_t len)
{
	struct label label;

	if (!label_ok(f, data, len)) {
		f->corrupt++;
		return;
	}
	memcpy(&label, data, sizeof(label));
	note_datagram(f, be64toh(label.number));
}

/* The size of the datagrams that were merged to one of @len bytes. */
static ssize_t merged_size(struct msghdr *msg, ssize_t len)
{
	struct cmsghdr *cmsg;
	int size;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_UDP || cmsg->cmsg_type != UDP_GRO)
			continue;
		memcpy(&size, CMSG_DATA(cmsg), sizeof(size));
		return size;
	}
	return len;
}

/* What one call brings; false if nothing is there. */
static bool receive(struct flow *f, int flags)
{
	static _Thread_local uint8_t data[MAX_MERGED];
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { .iov_base = data, .iov_len = sizeof(data) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t len = recvmsg(f->rx, &msg, flags);
	ssize_t at, size;

	if (len <= 0)
		return false;
	size = merged_size(&msg, len);
	f->merged += size < len;
	for (at = 0; at < len; at += size)
		take_datagram(f, data + at, len - at < size ? len - at : size);
	return true;
}

static void receive_share(int epoll)
{
	struct epoll_event events[MAX_EVENTS];
	int i, n = epoll_wait(epoll, events, MAX_EVENTS, TICK_MS);

	for (i = 0; i < n; i++) {
		struct flow *f = events[i].data.ptr;
		unsigned int calls = 0;

		while (calls++ < BURST && receive(f, MSG_DONTWAIT))
			;
	}
}

static void *udp_receiver(void *arg)
{
	struct worker *w = arg;
	int epoll = epoll_create1(0);

	for (struct flow *f = w->first; f; f = f->next) {
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = f };

		if (epoll_ctl(epoll, EPOLL_CTL_ADD, f->rx, &event))
			err(1, "epoll");
	}
	while (phase != STOP) {
		/* Only a call that waits for one socket polls its NIC. */
		if (w->first->next)
			receive_share(epoll);
		else
			receive(w->first, 0);
	}
	close(epoll);
	return NULL;
}

/* Compares received bytes with the count; got is what came before them. */
static bool count_ok(const uint8_t *data, size_t len, uint64_t got)
{
	for (size_t i = 0; i < len; i++) {
		uint64_t at = got + i;
		uint64_t word = htobe64(at & ~7ull);

		if (data[i] != ((uint8_t *)&word)[at & 7])
			return false;
	}
	return true;
}

static void *tcp_receiver(void *arg)
{
	struct worker *w = arg;
	struct flow *f = w->first;
	uint8_t data[MAX_SIZE];
	ssize_t n;

	while (phase != STOP) {
		n = recv(f->rx, data, sizeof(data), 0);
		if (n < 0 && errno == EAGAIN)
			continue;
		if (n <= 0)
			break;
		if (!count_ok(data, n, f->received))
			f->corrupt++;
		f->received += n;
	}
	return NULL;
}

static void set_timeouts(const struct flow *f)
{
	struct timeval tick = { .tv_usec = TICK_MS * 1000 };

	if (setsockopt(f->rx, SOL_SOCKET, SO_RCVTIMEO, &tick, sizeof(tick)) ||
	    setsockopt(f->tx, SOL_SOCKET, SO_SNDTIMEO, &tick, sizeof(tick)))
		err(1, "flow %u: timeouts", f->index);
}

/* TCP: a worker each. UDP: those there are, in turn. */
static void assign_workers(void)
{
	struct worker *udp[MAX_FLOWS], *w;
	unsigned int num_udp = 0, n = 0;

	for (unsigned int i = 0; i < num_flows; i++) {
		struct flow *f = &flows[i];

		if (f->tcp || num_udp < max_udp_workers) {
			w = &workers[num_workers++];
			if (!f->tcp)
				udp[num_udp++] = w;
		} else {
			w = udp[n++ % num_udp];
		}
		f->worker = w;
		f->next = w->first;
		w->first = f;
	}
}

static void start_worker(struct worker *w)
{
	bool tcp = w->first->tcp;

	for (struct flow *f = w->first; f; f = f->next)
		set_timeouts(f);
	if (sem_init(&w->wake, 0, 0) ||
	    pthread_create(&w->receiver, NULL, tcp ? tcp_receiver : udp_receiver,
			   w) ||
	    pthread_create(&w->sender, NULL, tcp ? tcp_sender : udp_sender, w))
		errx(1, "flow %u: threads", w->first->index);
}

/* ---- commands ---- */

static void set_phase(enum phase to)
{
	pthread_mutex_lock(&gate);
	phase = to;
	pthread_cond_broadcast(&gate_opened);
	pthread_mutex_unlock(&gate);
}

/* Datagrams, and writes of TCP, that have arrived. */
static uint64_t work_done(void)
{
	uint64_t work = 0;

	for (unsigned int i = 0; i < num_flows; i++)
		work += flows[i].received / (flows[i].tcp ? flows[i].size : 1);
	return work;
}

static bool all_idle(void)
{
	for (unsigned int i = 0; i < num_workers; i++)
		if (!workers[i].idle)
			return false;
	return true;
}

/* A sender at rest sends nothing more, so its count is looked at after that. */
static bool all_arrived(void)
{
	if (!all_idle())
		return false;
	for (unsigned int i = 0; i < num_flows; i++)
		if (flows[i].received < flows[i].sent)
			return false;
	return true;
}

/* Until done() is true, or nothing has arrived for stall_seconds. */
static bool wait_for(bool (*done)(uint64_t goal), uint64_t goal)
{
	uint64_t last = work_done();
	unsigned int quiet = 0;

	while (!done(goal)) {
		usleep(POLL_US);
		if (work_done() != last)
			quiet = 0;
		else if (++quiet > stall_seconds * (1000000 / POLL_US))
			return false;
		last = work_done();
	}
	return true;
}

static bool work_reached(uint64_t goal)
{
	return work_done() >= goal;
}

/* Lost is lost: a tolerant hold only waits for the senders and a last tick. */
static bool held(uint64_t goal)
{
	return goal ? all_idle() : all_arrived();
}

static uint32_t socket_drops(int fd)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(info);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len))
		return 0;
	return info[SK_MEMINFO_DROPS];
}

static uint32_t napi_id(int fd)
{
	uint32_t id = 0;
	socklen_t len = sizeof(id);

	getsockopt(fd, SOL_SOCKET, SO_INCOMING_NAPI_ID, &id, &len);
	return id;
}

static void print_flow(const struct flow *f)
{
	uint64_t sent = f->sent, received = f->received;

	printf("{\"protocol\":\"%s\",\"sent\":%" PRIu64 ",\"received\":%" PRIu64
	       ",\"missing\":%" PRIu64 ",\"duplicates\":%" PRIu64
	       ",\"reordered\":%" PRIu64 ",\"corrupt\":%" PRIu64
	       ",\"errors\":%" PRIu64 ",\"forgotten\":%" PRIu64
	       ",\"merged\":%" PRIu64
	       ",\"socket_drops\":%u,\"napi_id\":%u}",
	       f->tcp ? "tcp" : "udp", sent, received,
	       sent > received ? sent - received : 0, f->duplicates,
	       f->reordered, f->corrupt, f->errors, f->forgotten, f->merged,
	       f->tcp ? 0 : socket_drops(f->rx), napi_id(f->rx));
}

static void answer(bool complete)
{
	printf("{\"complete\":%s,\"work\":%" PRIu64 ",\"flows\":[",
	       complete ? "true" : "false", work_done());
	for (unsigned int i = 0; i < num_flows; i++) {
		if (i)
			putchar(',');
		print_flow(&flows[i]);
	}
	puts("]}");
	fflush(stdout);
}

static bool hold(void)
{
	bool complete;

	set_phase(HOLD);
	complete = wait_for(held, tolerant);
	if (tolerant)
		usleep(TICK_MS * 1000);
	return complete;
}

static void obey(const char *line)
{
	uint64_t n;

	if (!strcmp(line, "go\n")) {
		set_phase(RUN);
		answer(true);
	} else if (!strcmp(line, "hold\n")) {
		answer(hold());
	} else if (!strcmp(line, "stat\n")) {
		answer(true);
	} else if (sscanf(line, "wait %" SCNu64, &n) == 1) {
		answer(wait_for(work_reached, work_done() + n));
	} else {
		errx(2, "unknown command: %s", line);
	}
}

/* Threads see the end within a tick. */
static void finish(void)
{
	set_phase(STOP);
	for (unsigned int i = 0; i < num_workers; i++) {
		pthread_join(workers[i].receiver, NULL);
		pthread_join(workers[i].sender, NULL);
	}
	for (unsigned int i = 0; i < num_flows; i++) {
		close(flows[i].tx);
		close(flows[i].rx);
	}
}

/* ---- arguments ---- */

static void parse_address(struct address *a, const char *text, const char *port)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&a->sa;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&a->sa;

	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(atoi(port));
		a->len = sizeof(*v4);
	} else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(atoi(port));
		a->len = sizeof(*v6);
	} else {
		errx(2, "%s: no address", text);
	}
}

static void parse_flow(struct flow *f, char *spec)
{
	unsigned int min = sizeof(struct label), n;
	char *part[SPEC_FIELDS];

	for (n = 0; n < SPEC_FIELDS; n++) {
		part[n] = strsep(&spec, ",");
		if (!part[n])
			errx(2, "a flow has %d fields", SPEC_FIELDS);
	}
	f->tcp = !strcmp(part[0], "tcp");
	f->from_ns = part[1];
	f->to_ns = part[4];
	parse_address(&f->from, part[2], part[3]);
	parse_address(&f->to, part[5], part[6]);
	f->window = atoi(part[7]);
	f->size = atoi(part[8]);
	if (f->size < min || f->size > MAX_SIZE || f->size % 8)
		errx(2, "size %u: multiples of 8, %u to %u", f->size, min, MAX_SIZE);
	if (!f->window)
		errx(2, "no window");
}

static void parse_options(int argc, char **argv)
{
	int opt;

	while ((opt = getopt(argc, argv, "b:ghj:s:t")) != -1) {
		switch (opt) {
		case 'g':
			merge = true;
			break;
		case 'j':
			max_udp_workers = atoi(optarg);
			break;
		case 't':
			tolerant = true;
			break;
		case 'b':
			busy_poll_usecs = atoi(optarg);
			break;
		case 's':
			stall_seconds = atoi(optarg);
			break;
		default:
			usage();
			exit(opt == 'h' ? 0 : 2);
		}
	}
	if (optind == argc || argc - optind > MAX_FLOWS || !max_udp_workers) {
		usage();
		exit(2);
	}
}

int main(int argc, char **argv)
{
	char line[64];

	parse_options(argc, argv);
	allow_files(4 * MAX_FLOWS);
	for (; optind < argc; optind++, num_flows++) {
		struct flow *f = &flows[num_flows];

		f->index = num_flows;
		parse_flow(f, argv[optind]);
		if (f->tcp)
			open_tcp(f);
		else
			open_udp(f);
	}
	assign_workers();
	for (unsigned int i = 0; i < num_workers; i++)
		start_worker(&workers[i]);
	answer(true);
	while (fgets(line, sizeof(line), stdin))
		obey(line);
	finish();
	return 0;
}
