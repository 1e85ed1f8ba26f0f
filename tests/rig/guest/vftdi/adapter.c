/* SPDX-License-Identifier: MIT */
/* Between the host's URBs and the chips, and between the chips.  The wire is patient: a byte that
 * the peer has no room for waits, because the guest's driver may be late by more than a FIFO
 * without having done anything wrong.  Overruns are injected instead. */
#include "adapter.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "wire.h"

void cable_init(struct cable *cable)
{
    memset(cable, 0, sizeof *cable);
    for (unsigned i = 0; i < ENDS; i++) {
        cable->end[i].fd = -1;
        snprintf(cable->end[i].serial, sizeof cable->end[i].serial, "RIG%c", (char)('A' + i));
    }
}

int adapter_plug(struct cable *cable, unsigned end)
{
    struct adapter *adapter = &cable->end[end];
    int fd;

    if (adapter->fd >= 0)
        return -EBUSY;
    fd = usbip_plug(end);
    if (fd < 0)
        return fd;
    adapter->fd = fd;
    adapter->forced = adapter->forced_to = 0;
    adapter->was_breaking = adapter->stalled = false;
    chip_reset(&adapter->chip, adapter->serial);
    return 0;
}

void adapter_unplug(struct adapter *adapter)
{
    if (adapter->fd >= 0)
        close(adapter->fd);
    adapter->fd = -1;
    urbs_clear(&adapter->in);
    urbs_clear(&adapter->out);
    adapter->chip.dtr = adapter->chip.rts = adapter->chip.breaking = false;
}

/* ---- the host ---- */

static void answer_control(struct adapter *adapter, struct urb *urb)
{
    uint8_t answer[256];
    ssize_t len = chip_control(&adapter->chip, urb->setup, answer,
                               urb->len < sizeof answer ? urb->len : sizeof answer);

    usbip_done(adapter->fd, urb, len < 0 ? (int)len : 0, answer,
               len < 0   ? 0
               : urb->in ? (size_t)len
                         : urb->len);
}

void adapter_hear(struct adapter *adapter)
{
    struct urb *urb = NULL;
    struct unlink unlink;
    bool had_it;

    switch (usbip_next(adapter->fd, &urb, &unlink)) {
    case USBIP_UNPLUGGED:
        adapter_unplug(adapter);
        break;
    case USBIP_UNLINK:
        had_it = urbs_remove(&adapter->in, unlink.unwanted) ||
                 urbs_remove(&adapter->out, unlink.unwanted);
        usbip_unlinked(adapter->fd, &unlink, had_it);
        break;
    case USBIP_URB:
        if (urb->endpoint == 0)
            answer_control(adapter, urb);
        else
            urbs_append(urb->in ? &adapter->in : &adapter->out, urb);
        break;
    }
}

static void fill_transmitter(struct adapter *adapter)
{
    struct urb *urb;

    while ((urb = adapter->out.first) != NULL) {
        urb->taken += chip_accept(&adapter->chip, urb->data + urb->taken, urb->len - urb->taken);
        if (urb->taken < urb->len)
            break;
        urbs_pop(&adapter->out);
        usbip_done(adapter->fd, urb, 0, NULL, urb->len);
    }
    adapter->chip.more = adapter->out.first != NULL;
}

static bool give_packets(struct adapter *adapter, uint64_t now_ns)
{
    uint8_t packet[CHIP_PACKET];
    bool gave = false;

    while (adapter->in.first != NULL) {
        size_t len = chip_packet(&adapter->chip, now_ns, packet);

        if (len == 0)
            break;
        usbip_done(adapter->fd, urbs_pop(&adapter->in), 0, packet, len);
        gave = true;
    }
    return gave;
}

/* ---- the cable ---- */

static struct adapter *peer_of(struct cable *cable, unsigned end)
{
    struct adapter *peer = &cable->end[1 - end];

    return cable->cut || peer->fd < 0 ? NULL : peer;
}

/* RTS goes to CTS, DTR to DSR and DCD. */
static void cross_lines(struct cable *cable, unsigned end)
{
    struct adapter *adapter = &cable->end[end];
    const struct adapter *peer = peer_of(cable, end);
    unsigned lines = 0;

    if (peer != NULL && chip_rts(&peer->chip))
        lines |= CHIP_CTS;
    if (peer != NULL && peer->chip.dtr)
        lines |= CHIP_DSR | CHIP_DCD;
    adapter->chip.inputs =
        (uint8_t)((lines & ~(unsigned)adapter->forced) | (adapter->forced & adapter->forced_to));
}

static void cross_break(struct cable *cable, unsigned end, uint64_t now_ns)
{
    struct adapter *adapter = &cable->end[end], *peer = peer_of(cable, end);
    bool begins = adapter->chip.breaking && !adapter->was_breaking;

    adapter->was_breaking = adapter->chip.breaking;
    if (begins && peer != NULL)
        chip_receive(&peer->chip, 0, CHIP_BREAK, now_ns);
}

static bool move_bytes(struct cable *cable, unsigned end, uint64_t now_ns)
{
    struct adapter *adapter = &cable->end[end], *peer = peer_of(cable, end);
    bool moved = false;

    adapter->stalled = false;
    while (chip_has_sent(&adapter->chip, now_ns)) {
        adapter->stalled = peer != NULL && !chip_has_room(&peer->chip);
        if (adapter->stalled)
            break;
        if (peer != NULL) {
            struct received got = wire_carry(&adapter->chip, &peer->chip, adapter->chip.byte);

            chip_receive(&peer->chip, got.byte, got.errors, now_ns);
        }
        (void)chip_take(&adapter->chip);
        moved = true;
        cross_lines(cable, end); /* it may have to stop here */
    }
    return moved;
}

static bool run_once(struct cable *cable, unsigned end, uint64_t now_ns)
{
    struct adapter *adapter = &cable->end[end];
    bool moved;

    if (adapter->fd < 0)
        return false;
    cross_lines(cable, end);
    cross_break(cable, end, now_ns);
    fill_transmitter(adapter);
    moved = move_bytes(cable, end, now_ns);
    return give_packets(adapter, now_ns) || moved;
}

uint64_t cable_run(struct cable *cable, uint64_t now_ns)
{
    uint64_t due = CHIP_NEVER;

    while (run_once(cable, 0, now_ns) | run_once(cable, 1, now_ns))
        ;
    for (unsigned i = 0; i < ENDS; i++) {
        const struct adapter *adapter = &cable->end[i];
        uint64_t at = adapter->fd < 0 || adapter->stalled
                          ? CHIP_NEVER
                          : chip_due_ns(&adapter->chip, adapter->in.first != NULL);

        if (at < due)
            due = at;
    }
    return due;
}
