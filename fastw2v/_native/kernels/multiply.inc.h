/* Matrix products of small panels; included by group.inc.h, once per instruction set.
 *
 * Purpose: c += a b, where a is read number by number and b, c vector by vector; the sums of a tile of c stay in
 * registers while the products stream by. The same text serves a and its transpose: `a_row` and `a_step` are
 * the floats from one row, or one product, to the next.
 * Invariants: b and c are aligned to a vector, and so are their rows. The including file defines MULTIPLY_ROWS: the
 * rows of a tile, so that 2 * MULTIPLY_ROWS + 3 vectors fit its registers.
 *
 * Source: the outer-product tile of Goto and van de Geijn 2008, "Anatomy of High-Performance Matrix
 * Multiplication", without packing: the panels are in the caches already.
 */

typedef struct {
    const float *a;
    size_t a_row, a_step;
    const float *b;
    size_t b_row;
    int n; /* products of each sum */
    float *c;
    size_t c_row;
} product;

/* `rows` rows, `columns` vectors wide: constants after inlining. */
INLINE void multiply_tile(const int rows, const int columns, const product *p, int row, int column)
{
    const float *a = p->a + row * p->a_row, *b = p->b + column;
    float *c = p->c + row * p->c_row + column;
    const size_t a_row = p->a_row, a_step = p->a_step, b_row = p->b_row;
    vf sums[MULTIPLY_ROWS * 2];
#pragma GCC unroll 32
    for (int k = 0; k < rows * columns; k++)
        sums[k] = vf_zero();
    for (int t = 0; t < p->n; t++) {
        vf in[2];
#pragma GCC unroll 2
        for (int v = 0; v < columns; v++)
            in[v] = vf_load(b + v * VF_LANES);
#pragma GCC unroll 16
        for (int k = 0; k < rows; k++) {
            vf x = vf_set1(a[k * a_row]);
#pragma GCC unroll 2
            for (int v = 0; v < columns; v++)
                sums[k * columns + v] = vf_fma(x, in[v], sums[k * columns + v]);
        }
        a += a_step;
        b += b_row;
    }
#pragma GCC unroll 16
    for (int k = 0; k < rows; k++)
#pragma GCC unroll 2
        for (int v = 0; v < columns; v++) {
            float *to = c + k * p->c_row + v * VF_LANES;
            vf_store(to, vf_add(vf_load(to), sums[k * columns + v]));
        }
}

INLINE void multiply_rows(const int columns, const product *p, int n_rows, int column)
{
    int row = 0;
    for (; row + MULTIPLY_ROWS <= n_rows; row += MULTIPLY_ROWS)
        multiply_tile(MULTIPLY_ROWS, columns, p, row, column);
    for (; row + 4 <= n_rows; row += 4)
        multiply_tile(4, columns, p, row, column);
    for (; row < n_rows; row++)
        multiply_tile(1, columns, p, row, column);
}

/* n_rows rows of c, n_columns floats wide, rounded up to whole vectors. */
INLINE void multiply(const product *p, int n_rows, int n_columns)
{
    int column = 0;
    for (; column + VF_LANES < n_columns; column += 2 * VF_LANES)
        multiply_rows(2, p, n_rows, column);
    if (column < n_columns)
        multiply_rows(1, p, n_rows, column);
}
