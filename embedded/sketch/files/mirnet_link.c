#include "mirnet_link.h"

enum { RUN_MAX = 254 }; /* bytes that one length byte of the stuffing speaks for, at most */

uint16_t mirnet_u16(const uint8_t *bytes) { return (uint16_t)(bytes[0] | (bytes[1] << 8)); }

uint32_t mirnet_u32(const uint8_t *bytes) {
    return (uint32_t)bytes[0] | ((uint32_t)bytes[1] << 8) | ((uint32_t)bytes[2] << 16) | ((uint32_t)bytes[3] << 24);
}

void mirnet_put_u16(uint8_t *bytes, uint16_t value) {
    bytes[0] = (uint8_t)(value & 0xff);
    bytes[1] = (uint8_t)(value >> 8);
}

void mirnet_put_u32(uint8_t *bytes, uint32_t value) {
    mirnet_put_u16(bytes, (uint16_t)(value & 0xffff));
    mirnet_put_u16(bytes + 2, (uint16_t)(value >> 16));
}

uint32_t mirnet_crc32(uint32_t crc, const uint8_t *bytes, size_t count) {
    /* What four bits do to the remainder, for the polynomial 0xEDB88320. A table for eight bits would be twice as fast
     * and have 1,024 bytes instead of 64. */
    static const uint32_t nibbles[16] = {
        0x00000000u, 0x1db71064u, 0x3b6e20c8u, 0x26d930acu, 0x76dc4190u, 0x6b6b51f4u, 0x4db26158u, 0x5005713cu,
        0xedb88320u, 0xf00f9344u, 0xd6d6a3e8u, 0xcb61b38cu, 0x9b64c2b0u, 0x86d3d2d4u, 0xa00ae278u, 0xbdbdf21cu,
    };
    size_t k;
    crc = ~crc;
    for (k = 0; k < count; k++) {
        crc ^= bytes[k];
        crc = nibbles[crc & 15u] ^ (crc >> 4);
        crc = nibbles[crc & 15u] ^ (crc >> 4);
    }
    return ~crc;
}

/* ---- from the line ---- */

void mirnet_parser_start(mirnet_parser *parser) {
    parser->count = 0;
    parser->run = RUN_MAX + 1; /* so that no zero is put in front of the first run */
    parser->left = 0;
    parser->too_long = false;
}

static void keep(mirnet_parser *parser, uint8_t byte) {
    if (parser->count < MIRNET_BODY_MAX)
        parser->body[parser->count++] = byte;
    else
        parser->too_long = true;
}

/* Whether the body is one that was sent, not a bit of it changed. */
static bool whole(const mirnet_parser *parser) {
    const size_t frame = MIRNET_HEADER_SIZE + MIRNET_CHECK_SIZE;
    const uint8_t *body = parser->body;
    if (parser->too_long || parser->left != 0 || parser->count < frame)
        return false;
    if (body[0] != 'M' || body[1] != 'N' || mirnet_u16(body + 5) != parser->count - frame)
        return false;
    return mirnet_u32(body + parser->count - MIRNET_CHECK_SIZE) ==
           mirnet_crc32(0, body, parser->count - MIRNET_CHECK_SIZE);
}

bool mirnet_parser_feed(mirnet_parser *parser, uint8_t byte, mirnet_message *message) {
    if (byte == 0) { /* between two packets, and nowhere else: here everything begins anew */
        const bool found = whole(parser);
        if (found) {
            message->kind = parser->body[2];
            message->sequence = mirnet_u16(parser->body + 3);
            message->length = mirnet_u16(parser->body + 5);
            message->payload = parser->body + MIRNET_HEADER_SIZE;
        }
        mirnet_parser_start(parser);
        return found;
    }
    if (parser->left > 0) {
        keep(parser, byte);
        parser->left--;
        return false;
    }
    if (parser->run <= RUN_MAX) /* the run before stood for a zero behind it */
        keep(parser, 0);
    parser->run = byte;
    parser->left = (uint8_t)(byte - 1);
    return false;
}

/* ---- to the line ---- */

/* A packet on its way out. All of it goes to the line at once: a transfer over USB takes as long for 1 byte as for 64. */
typedef struct {
    size_t count; /* bytes so far */
    size_t run;   /* where the length of the run that is being filled will stand */
    uint8_t bytes[MIRNET_PACKET_MAX];
} packet;

static void begin_run(packet *out) { out->run = out->count++; }

static void end_run(packet *out) { out->bytes[out->run] = (uint8_t)(out->count - out->run); }

static void stuff(packet *out, const uint8_t *bytes, size_t count) {
    size_t k;
    for (k = 0; k < count; k++) {
        if (bytes[k] != 0)
            out->bytes[out->count++] = bytes[k];
        if (bytes[k] == 0 || out->count - out->run == RUN_MAX + 1) {
            end_run(out);
            begin_run(out);
        }
    }
}

bool mirnet_send(mirnet_write write, void *context, uint8_t kind, uint16_t sequence, const uint8_t *head,
                 size_t head_length, const uint8_t *payload, size_t length) {
    const size_t sum = head_length + length;
    uint8_t header[MIRNET_HEADER_SIZE], check[MIRNET_CHECK_SIZE];
    uint32_t crc;
    packet out;
    if (head_length > MIRNET_PAYLOAD_MAX || length > MIRNET_PAYLOAD_MAX || sum > MIRNET_PAYLOAD_MAX)
        return false;

    header[0] = 'M';
    header[1] = 'N';
    header[2] = kind;
    mirnet_put_u16(header + 3, sequence);
    mirnet_put_u16(header + 5, (uint16_t)sum);
    crc = mirnet_crc32(0, header, sizeof header);
    crc = mirnet_crc32(crc, head, head_length);
    crc = mirnet_crc32(crc, payload, length);
    mirnet_put_u32(check, crc);

    out.bytes[0] = 0;
    out.count = 1;
    begin_run(&out);
    stuff(&out, header, sizeof header);
    stuff(&out, head, head_length);
    stuff(&out, payload, length);
    stuff(&out, check, sizeof check);
    end_run(&out);
    out.bytes[out.count++] = 0;
    write(out.bytes, out.count, context);
    return true;
}
