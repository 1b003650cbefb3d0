#include "mirnet_bars.h"

enum {
    ROWS = 120,
    COLUMNS = 160,
    ROW = 2 * COLUMNS,
    FRAME = ROWS * ROW,
    BARS = 8,
    BAR = COLUMNS / BARS, /* pixels */
    EDGE = 3,             /* pairs of pixels at either side of a bar that may be mixed with its neighbour */
    MOVED = 8,            /* pixels by which the bars may be moved without a fault */
    FLAT = 12,            /* levels of noise that a frame without a picture may have */
    FIRST_LENGTH = ROW - 8,
    LAST_LENGTH = ROW + 8,
    ROWS_SEEN = FRAME / LAST_LENGTH,
    ONE = 1 << 14, /* a share or a correlation of 1 */
    UNLIKE = ONE * 4 / 10,
    ALIKE_ENOUGH = ONE * 8 / 10,
    LOW = 4,
    HIGH = 251 /* levels beyond which bytes are cut off */
};

/* Where Y, U, Y and V are among four bytes, by their order. */
static const uint8_t places[4][4] = {{0, 1, 2, 3}, {0, 3, 2, 1}, {1, 0, 3, 2}, {1, 2, 3, 0}};

/* Y, U and V of the bars, and what red, green and blue add to a bar: 4^2, 4 and 1, so that sums do not mix. */
static const uint8_t bar_colours[BARS][3] = {{255, 128, 128}, {226, 1, 149}, {179, 171, 1}, {150, 44, 21},
                                             {105, 212, 235}, {76, 85, 255}, {29, 255, 107}, {0, 128, 128}};
static const uint8_t bar_lights[BARS] = {16 + 4 + 1, 16 + 4, 4 + 1, 4, 16 + 1, 16, 1, 0};

static uint32_t root(uint64_t square) {
    uint64_t bit = (uint64_t)1 << 62, found = 0;
    while (bit > square)
        bit >>= 2;
    for (; bit != 0; bit >>= 2) {
        if (square >= found + bit) {
            square -= found + bit;
            found = (found >> 1) + bit;
        } else {
            found >>= 1;
        }
    }
    return (uint32_t)found;
}

/* Sum and sum of squares of some bytes. */
typedef struct {
    uint32_t count, sum, squares;
} moments;

static void add(moments *of, uint32_t value) {
    of->count++;
    of->sum += value;
    of->squares += value * value;
}

/* Their variance, times their number squared. */
static uint64_t spread(const moments *of) {
    return (uint64_t)of->count * of->squares - (uint64_t)of->sum * of->sum;
}

static bool is_constant(const uint8_t *frame) {
    int phase, k;
    for (phase = 0; phase < 4; phase++) {
        moments all = {0, 0, 0};
        for (k = phase; k < FRAME; k += 4)
            add(&all, frame[k]);
        if (spread(&all) >= (uint64_t)FLAT * FLAT * all.count * all.count)
            return false;
    }
    return true;
}

/* The share of the variance that rows do not have in common, if a row has so many bytes. */
static uint32_t unlike(const uint8_t *frame, int length) {
    moments all = {0, 0, 0};
    uint64_t within = 0; /* columns, times ROWS_SEEN squared */
    int x, y;
    for (x = 0; x < length; x++) {
        moments column = {0, 0, 0};
        for (y = 0; y < ROWS_SEEN; y++)
            add(&column, frame[y * length + x]);
        within += spread(&column);
        all.count += column.count;
        all.sum += column.sum;
        all.squares += column.squares;
    }
    return (uint32_t)(within * (uint64_t)length * ONE / (spread(&all) + 1));
}

/* What one byte of four shows at a pixel, summed over all rows. */
static int32_t column(const uint16_t *profile, int order, int channel, int x) {
    return profile[x / 2 * 4 + places[order][channel == 0 ? x % 2 * 2 : channel * 2 - 1]];
}

/* How well Y, U or V follow the bars, if these are moved to the right: ONE if they do. Neither brightness nor contrast
 * matters. */
static int32_t correlation(const uint16_t *profile, int order, int channel, int moved) {
    const int step = channel == 0 ? 1 : 2; /* pixels from one value to the next */
    int32_t mean = 0, colours = 0;
    int64_t product = 0;
    uint64_t values = 0, expected = 0;
    int x;
    for (x = 0; x < COLUMNS; x += step)
        mean += column(profile, order, channel, x);
    mean /= COLUMNS / step;
    for (x = 0; x < BARS; x++)
        colours += bar_colours[x][channel];
    for (x = 0; x < COLUMNS; x += step) {
        const int bar = (x - moved + COLUMNS) % COLUMNS / BAR;
        const int32_t value = column(profile, order, channel, x) - mean;
        const int32_t colour = BARS * bar_colours[bar][channel] - colours;
        product += (int64_t)value * colour;
        values += (uint64_t)((int64_t)value * value);
        expected += (uint64_t)((int64_t)colour * colour);
    }
    return (int32_t)(product * ONE / ((int64_t)root(values) * root(expected) + 1));
}

/* Finds byte order and place of the bars; returns how well they fit. */
static int32_t find_bars(const uint16_t *profile, mirnet_wiring *found) {
    int32_t best = -ONE;
    int order, moved;
    for (order = 0; order < 4; order++) {
        for (moved = -COLUMNS / 2; moved < COLUMNS / 2; moved += 2) {
            const int32_t fit = (correlation(profile, order, 0, moved) + correlation(profile, order, 1, moved) +
                                 correlation(profile, order, 2, moved)) /
                                3;
            if (fit > best) {
                best = fit;
                found->order = (uint8_t)order;
                found->moved = (int16_t)moved;
            }
        }
    }
    return best;
}

/* Bits 0 and 1 of a byte exchanged. */
static uint8_t exchanged(uint8_t byte) { return (uint8_t)((byte & 0xfc) | (byte & 1) << 1 | (byte >> 1 & 1)); }

static uint64_t sum_of_spreads(const moments *of) {
    uint64_t sum = 0;
    int k;
    for (k = 0; k < BARS * 4; k++)
        sum += spread(of + k);
    return sum;
}

static bool is_clipped(const moments *of) {
    return of->sum <= LOW * of->count || of->sum >= HIGH * of->count;
}

/* How far the means of two bars, a and d, and those of two others are apart: squared; 0 if bytes are cut off. */
static uint64_t misfit_of(const moments *a, const moments *d, const moments *b, const moments *c) {
    const int64_t apart = (int64_t)a->sum + d->sum - b->sum - c->sum;
    return is_clipped(a) || is_clipped(b) || is_clipped(c) || is_clipped(d) ? 0 : (uint64_t)(apart * apart);
}

/* The same over all pairs of bars whose lights add up to the same. */
static uint64_t misfit(const moments *of) {
    uint64_t sum = 0;
    int a, b, c, d, k;
    for (a = 0; a < BARS; a++)
        for (b = a + 1; b < BARS; b++)
            for (c = b + 1; c < BARS; c++)
                for (d = a + 1; d < BARS; d++)
                    if (bar_lights[a] + bar_lights[d] == bar_lights[b] + bar_lights[c])
                        for (k = 0; k < 4; k++)
                            sum += misfit_of(of + 4 * a + k, of + 4 * d + k, of + 4 * b + k, of + 4 * c + k);
    return sum;
}

static bool bits_exchanged(const uint8_t *frame, int order, int moved) {
    moments here[BARS * 4], there[BARS * 4]; /* as they are, and with bits exchanged */
    int k, y, pair, noisy = 0;
    for (k = 0; k < BARS * 4; k++) {
        const int begin = k / 4 * BAR * 2 + places[order][k % 4] + 2 * moved + FRAME;
        here[k].count = here[k].sum = here[k].squares = 0;
        there[k] = here[k];
        for (y = 0; y < ROWS; y++) {
            for (pair = EDGE; pair < BAR / 2 - EDGE; pair++) {
                const uint8_t byte = frame[(begin + y * ROW + 4 * pair) % FRAME];
                add(here + k, byte);
                add(there + k, exchanged(byte));
            }
        }
        noisy += spread(here + k) > (uint64_t)here[k].count * here[k].count; /* more than one level */
    }
    return noisy > BARS * 4 / 2 ? sum_of_spreads(there) < sum_of_spreads(here) : misfit(there) < misfit(here);
}

mirnet_wiring mirnet_look_at_bars(const uint8_t *frame) {
    mirnet_wiring found = {MIRNET_CONSTANT, MIRNET_YUYV, ROW, 0, false};
    uint16_t profile[ROW]; /* sums of columns */
    uint32_t least = ONE;
    int length, x, y;
    if (is_constant(frame))
        return found;
    for (length = FIRST_LENGTH; length <= LAST_LENGTH; length++) {
        const uint32_t now = unlike(frame, length);
        if (now < least) {
            least = now;
            found.row_bytes = (int16_t)length;
        }
    }
    found.picture = least > UNLIKE ? MIRNET_NOISE : MIRNET_BARS;
    if (found.picture == MIRNET_NOISE)
        found.row_bytes = ROW;
    if (found.picture == MIRNET_NOISE || found.row_bytes != ROW)
        return found;
    for (x = 0; x < ROW; x++) {
        profile[x] = 0;
        for (y = 0; y < ROWS; y++)
            profile[x] = (uint16_t)(profile[x] + frame[y * ROW + x]);
    }
    if (find_bars(profile, &found) >= ALIKE_ENOUGH) {
        found.bits_exchanged = bits_exchanged(frame, found.order, found.moved);
        return found;
    }
    found.picture = MIRNET_NO_BARS;
    found.order = MIRNET_YUYV;
    found.moved = 0;
    return found;
}

bool mirnet_is_miswired(const mirnet_wiring *wiring) {
    return wiring->picture != MIRNET_NOT_SEEN && (wiring->picture != MIRNET_BARS || wiring->row_bytes != ROW ||
                                                  wiring->moved < -MOVED || wiring->moved > MOVED);
}

void mirnet_straighten(uint8_t *frame, const mirnet_wiring *wiring) {
    const uint8_t *place = places[wiring->order];
    uint8_t quad[4];
    int begin, k;
    for (begin = 0; begin < FRAME; begin += 4) {
        for (k = 0; k < 4; k++)
            quad[k] = wiring->bits_exchanged ? exchanged(frame[begin + place[k]]) : frame[begin + place[k]];
        for (k = 0; k < 4; k++)
            frame[begin + k] = quad[k];
    }
}
