/* The sums of one type of reals on one kind of processor: included once for each by _sums.c.
 *
 * Wants: REAL, LANES (reals of a vector), TARGET (the processor), NAME(x), FUSED(a, b, c) = a * b + c with one
 * rounding, SPLAT(a), STREAM(to, a), which stores past the caches, and FENCE, which ends such stores.
 *
 * Loops over HEIGHT and WIDTH are unrolled, so that all partial sums of a block stay in registers:
 * HEIGHT x WIDTH chains of fused multiply-adds hide the latency of one another, and a sample that is
 * loaded serves up to HEIGHT rows of outputs.
 */

#define LARGEST (sizeof(REAL) == sizeof(float) ? FLT_MAX : DBL_MAX)
#define VEC NAME(vec)
#define LOOSE NAME(loose)
#define STEP (WIDTH * LANES)
#define INLINE static inline __attribute__((always_inline)) TARGET
#define UNROLLED _Pragma("GCC unroll 8") for

typedef REAL VEC __attribute__((vector_size(LANES * sizeof(REAL))));
typedef REAL LOOSE __attribute__((vector_size(LANES * sizeof(REAL)), aligned(sizeof(REAL)), may_alias));

INLINE VEC NAME(load)(const REAL *from) { return *(const LOOSE *)from; }

INLINE void NAME(store)(REAL *to, VEC values) { *(LOOSE *)to = values; }

/* Add one row of samples, times a weight each, to the sums of the outputs [low, high) of a block. */
INLINE void NAME(add_row)(VEC (*sums)[WIDTH], const REAL *from, const REAL *weights, int i, int low, int high,
                          int height)
{
    VEC samples[WIDTH];
    UNROLLED (int v = 0; v < WIDTH; v++) samples[v] = NAME(load)(from + v * LANES);
    UNROLLED (int q = 0; q < height; q++) {
        if (q < low || q >= high) continue;
        VEC weight = SPLAT(weights[i - q]);
        UNROLLED (int v = 0; v < WIDTH; v++) sums[q][v] = FUSED(weight, samples[v], sums[q][v]);
    }
}

/* Vertical sums of a block of outputs: of each, the products of a column of weights and its rows of
 * taps, in their order, from 0 on. rows[i] + at is where row i of taps of the first output stands. */
INLINE void NAME(add_down)(VEC (*sums)[WIDTH], REAL *const *rows, Py_ssize_t at, const REAL *weights, int taps,
                           int height)
{
    UNROLLED (int q = 0; q < height; q++)
        UNROLLED (int v = 0; v < WIDTH; v++) sums[q][v] = SPLAT(0);
    int i = 0;
    for (; i < height - 1 && i < taps; i++) NAME(add_row)(sums, rows[i] + at, weights, i, 0, i + 1, height);
    for (; i < taps; i++) NAME(add_row)(sums, rows[i] + at, weights, i, 0, height, height);
    for (; i < taps + height - 1; i++)
        NAME(add_row)(sums, rows[i] + at, weights, i, i - taps + 1, i < height ? i + 1 : height, height);
}

/* The sum over columns of vertical sums, each of which serves one column: nothing is stored between. */
INLINE void NAME(fuse)(const Kernel *kernel, REAL *const *rows, Py_ssize_t first, Py_ssize_t count, REAL *out,
                       Py_ssize_t pitch, int height)
{
    const REAL *products = kernel->products;
    for (Py_ssize_t x = 0; x < count; x += STEP) {
        VEC total[HEIGHT][WIDTH], sums[HEIGHT][WIDTH];
        NAME(add_down)(total, rows, first + x + kernel->term[0].offset, products, kernel->taps, height);
        for (int t = 1; t < kernel->terms; t++) {
            NAME(add_down)(sums, rows, first + x + kernel->term[t].offset, products + t * kernel->taps, kernel->taps,
                           height);
            UNROLLED (int q = 0; q < height; q++)
                UNROLLED (int v = 0; v < WIDTH; v++) total[q][v] += sums[q][v];
        }
        UNROLLED (int q = 0; q < height; q++)
            UNROLLED (int v = 0; v < WIDTH; v++) NAME(store)(out + q * pitch + x + v * LANES, total[q][v]);
    }
}

/* Vertical sums of a block of outputs, kept for `combine`: plane after plane, row after row. */
INLINE void NAME(add_planes)(const Kernel *kernel, REAL *const *rows, Py_ssize_t first, Py_ssize_t count,
                             REAL *planes, Py_ssize_t pitch, int height)
{
    const REAL *products = kernel->products;
    for (int plane = 0; plane < kernel->planes; plane++, planes += HEIGHT * pitch)
        for (Py_ssize_t x = 0; x < count; x += STEP) {
            VEC sums[HEIGHT][WIDTH];
            NAME(add_down)(sums, rows, first + x, products + plane * kernel->taps, kernel->taps, height);
            UNROLLED (int q = 0; q < height; q++)
                UNROLLED (int v = 0; v < WIDTH; v++) NAME(store)(planes + q * pitch + x + v * LANES, sums[q][v]);
        }
}

/* One row of outputs: the terms of a group are added and weighted then, and the groups are added.
 * Products and sums are rounded one by one here. planes[i] + x is where plane i stands under x. */
INLINE void NAME(combine)(const Kernel *kernel, REAL *const *planes, Py_ssize_t first, Py_ssize_t count, REAL *out)
{
    const REAL *weights = kernel->weights;
    for (Py_ssize_t x = 0; x < count; x += WIDE * LANES) {
        VEC total[WIDE], group[WIDE];
        UNROLLED (int v = 0; v < WIDE; v++) total[v] = SPLAT(0);
        for (int t = 0; t < kernel->terms;) {
            const Term *term = &kernel->term[t];
            const REAL weight = weights[term->group];
            const REAL *from = planes[term->plane] + first + x + term->offset;
            UNROLLED (int v = 0; v < WIDE; v++) group[v] = NAME(load)(from + v * LANES);
            for (t++; !term->ends; t++) {
                term++;
                from = planes[term->plane] + first + x + term->offset;
                if (term->sign < 0)
                    UNROLLED (int v = 0; v < WIDE; v++) group[v] -= NAME(load)(from + v * LANES);
                else
                    UNROLLED (int v = 0; v < WIDE; v++) group[v] += NAME(load)(from + v * LANES);
            }
            if (weight != 1)
                UNROLLED (int v = 0; v < WIDE; v++) group[v] *= SPLAT(weight);
            if (term->group)
                UNROLLED (int v = 0; v < WIDE; v++) total[v] += group[v];
            else
                UNROLLED (int v = 0; v < WIDE; v++) total[v] = group[v];
        }
        UNROLLED (int v = 0; v < WIDE; v++) NAME(store)(out + x + v * LANES, total[v]);
    }
}

#define READ(type)                                                                                                 \
    {                                                                                                              \
        const type *row = (const type *)line;                                                                      \
        for (; x < last && x < 0; x++, to++) {                                                                     \
            Py_ssize_t from = source->left[x + source->reach_left];                                                \
            *to = from < 0 ? fill[-1 - from] : (REAL)row[from];                                                    \
        }                                                                                                          \
        Py_ssize_t inside = (last < source->width ? last : source->width) - x;                                     \
        for (Py_ssize_t i = 0; i < inside; i++) to[i] = (REAL)row[x + i];                                          \
        if (inside > 0) x += inside, to += inside;                                                                 \
        for (; x < last; x++, to++) {                                                                              \
            Py_ssize_t from = source->right[x - source->width];                                                    \
            *to = from < 0 ? fill[-1 - from] : (REAL)row[from];                                                    \
        }                                                                                                          \
        break;                                                                                                     \
    }

/* Turn samples [x, last) of a row into reals; those outside the picture come from where the margins say. */
static TARGET void NAME(read_row)(const Source *source, Py_ssize_t row, Py_ssize_t x, Py_ssize_t last, REAL *to)
{
    const REAL *fill = source->fill;
    if (row < 0) {
        Py_ssize_t channel = (x % source->channels + source->channels) % source->channels;
        for (; x < last; x++, to++) {
            *to = fill[channel];
            if (++channel == source->channels) channel = 0;
        }
        return;
    }
    const char *line = source->samples + row * source->pitch;
    switch (source->type) {
        case 'b': READ(int8_t)
        case '?':
        case 'B': READ(uint8_t)
        case 'h': READ(int16_t)
        case 'H': READ(uint16_t)
        case 'i': READ(int32_t)
        case 'I': READ(uint32_t)
        case 'f': READ(float)
        case 'd': READ(double)
    }
}

#undef READ

/* Write reals past the caches. */
static TARGET void NAME(stream)(REAL *to, const REAL *sums, Py_ssize_t count)
{
    Py_ssize_t i = 0;
    for (; i < count && (uintptr_t)(to + i) % (LANES * sizeof(REAL)); i++) to[i] = sums[i];
    for (; i + LANES <= count; i += LANES) STREAM(to + i, NAME(load)(sums + i));
    for (; i < count; i++) to[i] = sums[i];
}

/* Where nothing but rounding is left to do, nothing else is done: the compiler drops what is plain. */
#define WRITE_BY(type, plain, nan)                                                                                 \
    for (Py_ssize_t i = 0; i < count; i++) {                                                                       \
        REAL value = sums[i];                                                                                      \
        if (!(plain)) {                                                                                            \
            value += bias;                                                                                         \
            value = absolute ? fabs(value) : value;                                                                \
            value = (value - base) * gain + offset;                                                                \
        }                                                                                                          \
        value = rint(value);                                                                                       \
        REAL held = value > low ? value : low;                                                                     \
        held = held < high ? held : high;                                                                          \
        if (nan) held = value == value ? held : 0;                                                                 \
        outside += held != value;                                                                                  \
        ((type *)to)[i] = (type)(int32_t)held;                                                                     \
    }

#define WRITE(type, nan)                                                                                           \
    if (plain) WRITE_BY(type, 1, nan)                                                                              \
    else WRITE_BY(type, 0, nan)                                                                                    \
    break;

/* Turn a row of sums into samples, rounded half to even and saturated; say how many were outside. A NaN, which
 * is never above the lower end of a range, is 0 and outside. Reals stay as they are; then say whether one is
 * not finite. */
static TARGET int32_t NAME(write_row)(const Target *target, const REAL *sums, Py_ssize_t count, char *to)
{
    const REAL bias = (REAL)target->bias, base = (REAL)target->base, gain = (REAL)target->gain;
    const REAL offset = (REAL)target->offset, low = (REAL)target->low, high = (REAL)target->high;
    const int absolute = target->absolute;
    const int plain = !absolute && bias == 0 && base == 0 && gain == 1 && offset == 0;
    int32_t outside = 0;
    switch (target->type) {
        case 'b': WRITE(int8_t, 1)
        case 'B': WRITE(uint8_t, 0)
        case 'h': WRITE(int16_t, 1)
        case 'H': WRITE(uint16_t, 0)
        default:
            for (Py_ssize_t i = 0; i < count; i++) outside |= !(fabs(sums[i]) <= LARGEST);
            if (target->streams) NAME(stream)((REAL *)to, sums, count);
            else memcpy(to, sums, count * sizeof(REAL));
    }
    return outside;
}

#undef WRITE
#undef WRITE_BY

/* Some outputs of a row, and of the rows below it up to a height: into sums, row after row. Planes are
 * made as far as they are needed, so that they are used while they are in a core's nearest cache. */
INLINE void NAME(sum_chunk)(const Kernel *kernel, const Scratch *scratch, Py_ssize_t first, Py_ssize_t count,
                            Py_ssize_t *made, int height)
{
    const Py_ssize_t pitch = scratch->pitch, below = first - kernel->low;
    REAL *const *rows = (REAL *const *)scratch->rows, **under = (REAL **)scratch->under;
    REAL *planes = scratch->planes, *sums = scratch->sums;

    if (kernel->fused) {
        NAME(fuse)(kernel, rows, below, count, sums, CHUNK, height);
        return;
    }
    if (kernel->products) {
        const Py_ssize_t wanted = (below + count + kernel->high + STEP - 1) / STEP * STEP;
        NAME(add_planes)(kernel, rows, *made, wanted - *made, planes + *made, pitch, height);
        *made = wanted;
    }
    for (int q = 0; q < height; q++) {
        for (int i = 0; i < kernel->planes; i++) under[i] = planes + (i * HEIGHT + q) * pitch;
        NAME(combine)(kernel, kernel->products ? (REAL *const *)under : rows + q, below, count, sums + q * CHUNK);
    }
}

/* Some rows of outputs of one phase, a chunk after another, while the rows that come next are fetched. */
INLINE Py_ssize_t NAME(sum_rows)(const Kernel *kernel, const Source *source, const Target *target,
                                 const Scratch *scratch, const Py_ssize_t *next, const Py_ssize_t *end, Py_ssize_t x,
                                 Py_ssize_t count, char *to, int height)
{
    Py_ssize_t outside = 0;
    for (Py_ssize_t at = 0, some, made = 0; at < count; at += some) {
        some = count - at < CHUNK ? count - at : CHUNK;
        for (int i = 0; i < HEIGHT && next + i < end; i++)
            if (next[i] >= 0) prefetch(source, next[i], x + at, some);
        NAME(sum_chunk)(kernel, scratch, at, some, &made, height);
        for (int q = 0; q < height; q++)
            outside += NAME(write_row)(target, (REAL *)scratch->sums + q * CHUNK, some,
                                       to + q * target->row_pitch + at * target->size);
    }
    return outside;
}

/* All outputs of a patch, a block of columns after another: see `sums` in _sums.c. */
static TARGET Py_ssize_t NAME(sum_patch)(const Kernel *kernel, const Source *source, const Target *target,
                                         const Patch *patch, void *memory)
{
    const int taps = kernel->taps, slots = taps + HEIGHT - 1;
    const Py_ssize_t pitch = patch->pitch, reads = patch->rows + taps - 1;
    REAL *ring = memory;
    Scratch scratch = {.pitch = pitch, .planes = ring + slots * pitch};
    scratch.sums = (REAL *)scratch.planes + kernel->kept * HEIGHT * pitch;
    scratch.rows = (void *)((REAL *)scratch.sums + HEIGHT * CHUNK);
    scratch.under = scratch.rows + slots;
    Py_ssize_t outside = 0;

    for (Py_ssize_t x = patch->first; x < patch->last; x += patch->block) {
        const Py_ssize_t count = patch->last - x < patch->block ? patch->last - x : patch->block;
        for (Py_ssize_t phase = 0; phase < patch->phases; phase++) {
            const Py_ssize_t *from = patch->sources + phase * reads, *end = from + reads;
            char *to = target->samples + phase * target->phase_pitch + (x - patch->first) * target->size;
            Py_ssize_t ready = 0;
            for (Py_ssize_t y = 0, height; y < patch->rows; y += height, to += height * target->row_pitch) {
                height = patch->rows - y < 2 ? 1 : patch->rows - y < HEIGHT ? 2 : HEIGHT;
                for (; ready < y + height + taps - 1; ready++)
                    NAME(read_row)(source, from[ready], x + kernel->low, x + count + kernel->high,
                                   ring + ready % slots * pitch);
                for (int i = 0; i < height + taps - 1; i++) scratch.rows[i] = ring + (y + i) % slots * pitch;
#define SUM_ROWS(height) \
    NAME(sum_rows)(kernel, source, target, &scratch, from + ready, end, x, count, to, height)
                outside += height == HEIGHT ? SUM_ROWS(HEIGHT) : height == 2 ? SUM_ROWS(2) : SUM_ROWS(1);
#undef SUM_ROWS
            }
        }
    }
    FENCE;
    return outside;
}

#undef LARGEST
#undef VEC
#undef LOOSE
#undef STEP
#undef INLINE
#undef UNROLLED
#undef REAL
#undef LANES
#undef NAME
#undef FUSED
#undef SPLAT
#undef STREAM
