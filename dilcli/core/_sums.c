/* Sums of the taps of a dilated kernel over rows of samples, from the picture's samples to the output's
 * in one pass through a core's cache.
 *
 * Vertical sums are chains of fused multiply-adds in the order of the rows of taps; all else is rounded operation
 * by operation. So the bits depend on no way of cutting, and on no processor. dilcli.core.planes does the same with
 * NumPy where this module was not built: there matrix products have the order of vertical sums in their hands, so
 * last bits may differ where sums are not exact.
 */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <float.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <tgmath.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#else
#error "no fused multiply-add is known for this processor: dilcli works with NumPy alone there"
#endif

/* Outputs that are summed in registers: rows and vectors of a block, vectors where planes are combined. */
#define HEIGHT 4
#define WIDTH 2
#define WIDE 4
/* Outputs of a row that are summed, then written: their sums stay in a core's nearest cache. */
#define CHUNK 512
/* Bytes that the rows at work should take: they are read again and again from a core's second-level cache. */
#define CACHE (1 << 19)

typedef struct {
    Py_ssize_t plane, offset, group;
    int sign, starts, ends;
} Term;

typedef struct {
    int taps;             /* rows of taps */
    int planes;           /* vertical sums */
    int kept;             /* those that are kept for several terms: all, or none if fused */
    int terms;
    int fused;            /* whether each vertical sum is one term, and the terms are plainly added */
    const void *products; /* planes x taps; without any the rows of taps themselves are combined */
    const void *weights;  /* one a group */
    const Term *term;
    Py_ssize_t low, high; /* the smallest and the largest offset of a term, in samples */
} Kernel;

typedef struct {
    const char *samples;
    char type;
    Py_ssize_t size, pitch;            /* bytes of a sample, and from row to row */
    Py_ssize_t width, channels;        /* samples of a row, and of a pixel */
    const Py_ssize_t *left, *right;    /* which sample stands at each place outside; -1 - c: the fill of channel c */
    Py_ssize_t reach_left;
    const void *fill;
} Source;

typedef struct {
    char *samples;
    char type;
    Py_ssize_t size, phase_pitch, row_pitch; /* bytes */
    int streams; /* whether reals are written past the caches */
    int absolute;
    double bias, base, gain, offset, low, high; /* see dilcli.core.samples.Fit */
} Target;

typedef struct {
    Py_ssize_t phases, rows, first, last; /* outputs: rows of each phase, samples [first, last) of a row */
    const Py_ssize_t *sources;            /* phases x rows that are read: rows of the source; -1: the fill */
    Py_ssize_t block, pitch;              /* samples of a row that are read at once, and from row to row of scratch */
} Patch;

typedef struct {
    Py_ssize_t pitch;    /* reals from row to row of planes */
    void *planes, *sums; /* vertical sums: planes x HEIGHT x pitch; of outputs: HEIGHT x CHUNK */
    void **rows, **under; /* rows of taps of the outputs at work; rows of planes of one of them */
} Scratch;

static inline void prefetch(const Source *source, Py_ssize_t row, Py_ssize_t x, Py_ssize_t count)
{
    const char *from = source->samples + row * source->pitch + x * source->size;
    for (Py_ssize_t i = 0; i < count * source->size; i += 64) __builtin_prefetch(from + i, 0, 2);
}

#if defined(__x86_64__)

#define TARGET __attribute__((target("avx2,fma")))
#define FENCE _mm_sfence()

#define REAL float
#define LANES 8
#define NAME(x) x##_f_256
#define STREAM(to, a) _mm256_stream_ps(to, (__m256)(a))
#define FUSED(a, b, c) (VEC) _mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c))
#define SPLAT(a) (VEC) _mm256_set1_ps(a)
#include "_sums_real.h"

#define REAL double
#define LANES 4
#define NAME(x) x##_d_256
#define STREAM(to, a) _mm256_stream_pd(to, (__m256d)(a))
#define FUSED(a, b, c) (VEC) _mm256_fmadd_pd((__m256d)(a), (__m256d)(b), (__m256d)(c))
#define SPLAT(a) (VEC) _mm256_set1_pd(a)
#include "_sums_real.h"

#undef TARGET
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,prefer-vector-width=512")))

#define REAL float
#define LANES 16
#define NAME(x) x##_f_512
#define STREAM(to, a) _mm512_stream_ps(to, (__m512)(a))
#define FUSED(a, b, c) (VEC) _mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c))
#define SPLAT(a) (VEC) _mm512_set1_ps(a)
#include "_sums_real.h"

#define REAL double
#define LANES 8
#define NAME(x) x##_d_512
#define STREAM(to, a) _mm512_stream_pd(to, (__m512d)(a))
#define FUSED(a, b, c) (VEC) _mm512_fmadd_pd((__m512d)(a), (__m512d)(b), (__m512d)(c))
#define SPLAT(a) (VEC) _mm512_set1_pd(a)
#include "_sums_real.h"

static int has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
           && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

#define SUM_PATCH(real) (has_avx512() ? sum_patch_##real##_512 : sum_patch_##real##_256)
#define RUNS_HERE (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))

#else

#define TARGET
#define FENCE

#define REAL float
#define LANES 4
#define NAME(x) x##_f_128
#define STREAM(to, a) vst1q_f32(to, (float32x4_t)(a))
#define FUSED(a, b, c) (VEC) vfmaq_f32((float32x4_t)(c), (float32x4_t)(a), (float32x4_t)(b))
#define SPLAT(a) (VEC) vdupq_n_f32(a)
#include "_sums_real.h"

#define REAL double
#define LANES 2
#define NAME(x) x##_d_128
#define STREAM(to, a) vst1q_f64(to, (float64x2_t)(a))
#define FUSED(a, b, c) (VEC) vfmaq_f64((float64x2_t)(c), (float64x2_t)(a), (float64x2_t)(b))
#define SPLAT(a) (VEC) vdupq_n_f64(a)
#include "_sums_real.h"

#define SUM_PATCH(real) sum_patch_##real##_128
#define RUNS_HERE 1

#endif

/* The most reals that a loop reads or writes past those of a row. */
#define PADDING 64

/* Choose how many samples are summed at once, and lay scratch out for them; give its size in bytes. */
static size_t lay_out(const Kernel *kernel, Patch *patch, size_t real)
{
    const Py_ssize_t lines = kernel->taps + HEIGHT - 1 + HEIGHT * kernel->kept;
    const Py_ssize_t reach = kernel->high - kernel->low, all = patch->last - patch->first;
    Py_ssize_t block = CACHE / (lines * (Py_ssize_t)real) - reach;
    /* Samples that two blocks share are read twice: they should be few. */
    if (block < 2 * reach) block = 2 * reach;
    if (block < 16 * PADDING) block = 16 * PADDING;
    patch->block = block < all ? block : all;
    patch->pitch = (patch->block + reach + PADDING - 1) / PADDING * PADDING + PADDING;
    /* Rows a multiple of a page apart would fight for the same lines of a core's nearest cache. */
    if (patch->pitch * real % 4096 == 0) patch->pitch += PADDING;
    return (lines * patch->pitch + HEIGHT * CHUNK) * real + (kernel->taps + HEIGHT + kernel->kept) * sizeof(void *);
}

/* A view of an argument; its type, a character of the struct module, must be among those wanted. */
static int get_view(PyObject *argument, Py_buffer *view, const char *name, int axes, const char *types, int flags)
{
    if (PyObject_GetBuffer(argument, view, flags | PyBUF_FORMAT | PyBUF_STRIDES) < 0) return -1;
    if (view->ndim == axes && view->format && strlen(view->format) == 1 && strchr(types, view->format[0])) return 0;
    PyErr_Format(PyExc_TypeError, "%s has %d axes of type '%s', want %d of one of '%s'", name, view->ndim,
                 view->format ? view->format : "", axes, types);
    PyBuffer_Release(view);
    return -1;
}

/* Distances in pixels and lengths of tables that no picture and no kernel in memory can have. */
#define FAR ((Py_ssize_t)1 << 38)
#define MANY (1 << 22)

enum { OUT, SOURCE, ROWS, LEFT, RIGHT, FILL, PRODUCTS, TERMS, WEIGHTS, VIEWS };

static const struct {
    const char *name;
    int axes;
    const char *types;
} WANTED[VIEWS] = {
    [OUT] = {"out", 4, "bBhHfd"},     [SOURCE] = {"source", 3, "?bBhHiIfd"},
    [ROWS] = {"rows", 2, "lq"},       [LEFT] = {"left", 1, "lq"},
    [RIGHT] = {"right", 1, "lq"},     [FILL] = {"fill", 1, "fd"},
    [PRODUCTS] = {"products", 2, "fd"}, [TERMS] = {"terms", 2, "lq"},
    [WEIGHTS] = {"weights", 1, "fd"},
};

/* Whether the pixels of a row, along an axis and the one after it, lie side by side. */
static int is_row(const Py_buffer *view, int axis)
{
    const Py_ssize_t channels = view->shape[axis + 1];
    return (channels == 1 || view->strides[axis + 1] == view->itemsize)
           && (view->shape[axis] == 1 || view->strides[axis] == channels * view->itemsize);
}

/* Whether everything fits together, so that no index leaves an array. */
static const char *find_fault(const Py_buffer *view, const Kernel *kernel, const Patch *patch, int fitted)
{
    const Py_buffer *out = &view[OUT], *source = &view[SOURCE];
    const char real = view[FILL].format[0];
    const Py_ssize_t width = source->shape[1] * source->shape[2];
    const Py_ssize_t *rows = view[ROWS].buf, *left = view[LEFT].buf, *right = view[RIGHT].buf;

    if (kernel->low < -FAR || kernel->high > FAR) return "an offset is out of all reach";
    if (view[PRODUCTS].format[0] != real || view[WEIGHTS].format[0] != real) return "reals are of two types";
    if (strchr("fd", out->format[0]) ? fitted || out->format[0] != real : !fitted) return "out has the wrong type";
    if (!is_row(out, 2)) return "a row of out is not contiguous";
    if (!is_row(source, 1)) return "a row of source is not contiguous";
    if (out->shape[3] != source->shape[2] || view[FILL].shape[0] != source->shape[2]) return "channels differ";
    if (view[ROWS].shape[0] != out->shape[0] || kernel->taps < 1) return "rows do not fit out";
    if (kernel->products && view[PRODUCTS].shape[1] != kernel->taps) return "products do not fit rows";
    if (view[LEFT].shape[0] < -(patch->first + kernel->low) || view[RIGHT].shape[0] < patch->last + kernel->high - width)
        return "margins are too narrow";
    for (Py_ssize_t i = 0; i < view[ROWS].shape[0] * view[ROWS].shape[1]; i++)
        if (rows[i] >= source->shape[0]) return "a row is outside the source";
    for (Py_ssize_t i = 0; i < view[LEFT].shape[0]; i++)
        if (left[i] < -source->shape[2] || left[i] >= width) return "a margin is outside the source";
    for (Py_ssize_t i = 0; i < view[RIGHT].shape[0]; i++)
        if (right[i] < -source->shape[2] || right[i] >= width) return "a margin is outside the source";
    for (int t = 0; t < kernel->terms; t++) {
        const Term *term = &kernel->term[t];
        if (term->plane < 0 || term->plane >= (kernel->products ? kernel->planes : kernel->taps)) return "no such plane";
        if (term->group < 0 || term->group >= view[WEIGHTS].shape[0]) return "no such group";
    }
    return NULL;
}

static Kernel kernel_of(const Py_buffer *view, Term *term)
{
    Kernel kernel = {.planes = (int)view[PRODUCTS].shape[0], .terms = (int)view[TERMS].shape[0], .term = term};
    const Py_ssize_t(*given)[4] = view[TERMS].buf;

    kernel.taps = (int)(view[ROWS].shape[1] - view[OUT].shape[1] + 1);
    kernel.products = kernel.planes ? view[PRODUCTS].buf : NULL;
    kernel.weights = view[WEIGHTS].buf;
    kernel.fused = kernel.planes && kernel.terms == kernel.planes;
    for (int t = 0; t < kernel.terms; t++) {
        term[t] = (Term){.plane = given[t][0], .offset = given[t][1], .sign = (int)given[t][2], .group = given[t][3]};
        term[t].starts = t == 0 || given[t - 1][3] != given[t][3];
        term[t].ends = t == kernel.terms - 1 || given[t + 1][3] != given[t][3];
        kernel.fused &= term[t].plane == t && term[t].group == 0 && term[t].sign > 0;
        if (t == 0 || term[t].offset < kernel.low) kernel.low = term[t].offset;
        if (t == 0 || term[t].offset > kernel.high) kernel.high = term[t].offset;
    }
    if (kernel.fused && view[WEIGHTS].shape[0])
        kernel.fused = *view[WEIGHTS].format == 'f' ? *(float *)kernel.weights == 1 : *(double *)kernel.weights == 1;
    kernel.kept = kernel.fused ? 0 : kernel.planes;
    return kernel;
}

/* Whether numbers are small enough to be reckoned with. */
static int is_sane(const Py_buffer *view, Py_ssize_t first)
{
    return view[TERMS].shape[1] == 4 && view[TERMS].shape[0] <= MANY && view[PRODUCTS].shape[0] <= MANY
           && view[ROWS].shape[1] <= MANY && view[OUT].shape[3] <= MANY && view[OUT].shape[2] <= FAR && first >= -FAR
           && first <= FAR;
}

static PyObject *sum_views(const Py_buffer *view, Py_ssize_t first, Target target, int fitted)
{
    const Py_buffer *out = &view[OUT], *source = &view[SOURCE];
    Term *term = PyMem_Malloc((view[TERMS].shape[0] + 1) * sizeof(Term));
    if (!term) return PyErr_NoMemory();
    const Kernel kernel = kernel_of(view, term);
    Patch patch = {
        .phases = out->shape[0],
        .rows = out->shape[1],
        .first = first * out->shape[3],
        .last = (first + out->shape[2]) * out->shape[3],
        .sources = view[ROWS].buf,
    };
    const Source from = {
        .samples = source->buf,
        .type = source->format[0],
        .size = source->itemsize,
        .pitch = source->strides[0],
        .width = source->shape[1] * source->shape[2],
        .channels = source->shape[2],
        .left = view[LEFT].buf,
        .right = view[RIGHT].buf,
        .reach_left = view[LEFT].shape[0],
        .fill = view[FILL].buf,
    };
    target.samples = out->buf;
    target.type = out->format[0];
    target.size = out->itemsize;
    target.phase_pitch = out->strides[0];
    target.row_pitch = out->strides[1];

    const char *fault = find_fault(view, &kernel, &patch, fitted);
    const int single = view[FILL].format[0] == 'f';
    if (!fault && out->len == 0) {
        PyMem_Free(term);
        return PyLong_FromLong(0);
    }
    void *scratch = fault ? NULL : malloc(lay_out(&kernel, &patch, single ? sizeof(float) : sizeof(double)));
    Py_ssize_t outside = 0;
    if (scratch) {
        Py_BEGIN_ALLOW_THREADS
        outside = (single ? SUM_PATCH(f) : SUM_PATCH(d))(&kernel, &from, &target, &patch, scratch);
        Py_END_ALLOW_THREADS
        free(scratch);
    }
    PyMem_Free(term);
    if (fault) return PyErr_Format(PyExc_ValueError, "%s", fault);
    return scratch ? PyLong_FromSsize_t(outside) : PyErr_NoMemory();
}

PyDoc_STRVAR(sums_doc,
"sums(out, source, rows, first, left, right, fill, products, terms, weights, finish, streams)\n--\n\n"
"Sum the taps of a kernel for the outputs of a patch; see dilcli.core.compiled.");

static PyObject *sums(PyObject *module, PyObject *arguments)
{
    PyObject *given[VIEWS], *finish;
    Py_ssize_t first;
    Py_buffer view[VIEWS];
    Target target = {0};
    int held = 0;
    PyObject *result = NULL;

    (void)module;
    if (!PyArg_ParseTuple(arguments, "OOOnOOOOOOOp:sums", &given[OUT], &given[SOURCE], &given[ROWS], &first,
                          &given[LEFT], &given[RIGHT], &given[FILL], &given[PRODUCTS], &given[TERMS],
                          &given[WEIGHTS], &finish, &target.streams))
        return NULL;
    if (finish != Py_None && !PyTuple_Check(finish)) {
        PyErr_SetString(PyExc_TypeError, "finish is no tuple");
        return NULL;
    }
    if (finish != Py_None
        && !PyArg_ParseTuple(finish, "pdddddd:finish", &target.absolute, &target.bias, &target.base, &target.gain,
                             &target.offset, &target.low, &target.high))
        return NULL;
    for (; held < VIEWS; held++) {
        int flags = held == OUT ? PyBUF_WRITABLE : held == SOURCE ? 0 : PyBUF_C_CONTIGUOUS;
        if (get_view(given[held], &view[held], WANTED[held].name, WANTED[held].axes, WANTED[held].types, flags) < 0)
            break;
    }
    if (held == VIEWS && !is_sane(view, first))
        PyErr_SetString(PyExc_ValueError, "a table has a shape that none can have, or first is out of all reach");
    else if (held == VIEWS)
        result = sum_views(view, first, target, finish != Py_None);
    while (held--) PyBuffer_Release(&view[held]);
    return result;
}

static PyMethodDef METHODS[] = {{"sums", sums, METH_VARARGS, sums_doc}, {NULL, NULL, 0, NULL}};

static struct PyModuleDef MODULE = {PyModuleDef_HEAD_INIT, "_sums", NULL, 0, METHODS, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__sums(void)
{
    if (!RUNS_HERE) {
        PyErr_SetString(PyExc_ImportError, "this processor has no fused multiply-add");
        return NULL;
    }
    return PyModule_Create(&MODULE);
}
