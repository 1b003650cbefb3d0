/* Packets on a serial line: the board's end. The computer's end, and the reasons: embedded/link/packets.py.
 *
 *     packet    00 | stuffed body | 00
 *     body      "MN" | kind 1 | sequence 2 | length 2 | payload 0..512 | CRC-32 of all before, 4     little endian
 *
 * C99 and C++11. No heap, no recursion, no waiting: a parser has memory for one packet and looks at each byte once.
 */
#ifndef MIRNET_LINK_H
#define MIRNET_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    MIRNET_PAYLOAD_MAX = 512,
    MIRNET_HEADER_SIZE = 7,
    MIRNET_CHECK_SIZE = 4,
    MIRNET_BODY_MAX = MIRNET_HEADER_SIZE + MIRNET_PAYLOAD_MAX + MIRNET_CHECK_SIZE,
    MIRNET_PACKET_MAX = MIRNET_BODY_MAX + 1 + MIRNET_BODY_MAX / 254 + 2 /* stuffed, and a zero on either side */
};

/* The kinds of message; their payloads: embedded/link/messages.py, payloads.py. */
enum {
    /* from the computer */
    MIRNET_HELLO = 0x01,
    MIRNET_CAPTURE = 0x02,
    MIRNET_PATTERN = 0x03,
    MIRNET_PUT_ROW = 0x04,
    MIRNET_GET_FRAME = 0x05,
    MIRNET_RESTORE = 0x06,
    MIRNET_TIMINGS = 0x07,
    MIRNET_MEMORY = 0x08,
    MIRNET_SELF_TEST = 0x09,
    /* from the board */
    MIRNET_INFO = 0x81,
    MIRNET_STARTED = 0x82,
    MIRNET_DONE = 0x83,
    MIRNET_FRAME_ROW = 0x84,
    MIRNET_PICTURE_ROW = 0x85,
    MIRNET_TICKS = 0x86,
    MIRNET_REPORT = 0x87,
    MIRNET_ERROR = 0x88,
    MIRNET_LOG = 0x89,
    MIRNET_FINDINGS = 0x8a
};

typedef struct {
    uint8_t kind;
    uint16_t sequence;
    uint16_t length;
    const uint8_t *payload; /* lies in the parser: good until the parser is fed again */
} mirnet_message;

typedef struct {
    size_t count;  /* bytes of the body so far */
    uint8_t run;   /* first byte of the run: its length, that byte included */
    uint8_t left;  /* bytes of the run that are still to come */
    bool too_long; /* for a packet: the rest up to the next zero is skipped */
    uint8_t body[MIRNET_BODY_MAX];
} mirnet_parser;

/* Writes all bytes to the line. `context` is what was given with it. */
typedef void (*mirnet_write)(const uint8_t *bytes, size_t count, void *context);

/* Numbers as they are in packets: the low byte first, on any processor, at any address. */
uint16_t mirnet_u16(const uint8_t *bytes);
uint32_t mirnet_u32(const uint8_t *bytes);
void mirnet_put_u16(uint8_t *bytes, uint16_t value);
void mirnet_put_u32(uint8_t *bytes, uint32_t value);

/* CRC-32 as in Ethernet and zip. Begin with crc = 0; what it returns goes in again with the next bytes. */
uint32_t mirnet_crc32(uint32_t crc, const uint8_t *bytes, size_t count);

void mirnet_parser_start(mirnet_parser *parser);

/* Takes one byte of the line. True if it was the last of a packet; then the message is filled in. */
bool mirnet_parser_feed(mirnet_parser *parser, uint8_t byte, mirnet_message *message);

/* Sends one packet. Its payload comes in two parts, so that a row needs no copy to get its number in front.
 * False, and nothing is sent, if both together are longer than MIRNET_PAYLOAD_MAX. */
bool mirnet_send(mirnet_write write, void *context, uint8_t kind, uint16_t sequence, const uint8_t *head,
                 size_t head_length, const uint8_t *payload, size_t length);

#ifdef __cplusplus
}
#endif

#endif
