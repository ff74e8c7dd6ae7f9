/* int32_t dot_s8(const int8_t *x, const int8_t *w, int count): sum of x[i] * w[i].
 * Both 16-byte aligned, count a positive multiple of 16, the sum within 32 bits.
 *
 * a2 x, a3 w, a4 blocks of 16; q0 x, q1 w; ACCX the sum */
    .text
    .align  4
    .global dot_s8
    .type   dot_s8, @function
dot_s8:
    srli    a4, a4, 4
    ee.zero.accx
    loop    a4, 1f
    ee.vld.128.ip q0, a2, 16
    ee.vld.128.ip q1, a3, 16
    ee.vmulas.s8.accx q0, q1
1:  movi    a5, 0
    ee.srs.accx a2, a5, 0
    ret
    .size   dot_s8, . - dot_s8
