/* The operands of the instruction set, one line each:
 *
 *     name as in the manual, kind, smallest, largest, step, list of values, label base, slot, bits
 *
 * Bits are slices S(position, width) of the instruction word, least significant bit of the operand first. The slot is
 * the letter of the operand in the behaviour of an instruction (isa/decoded.h); operands that never occur in one
 * instruction share a letter. A suffix distinguishes operands of one name in different bits; `_w` means the usual bits
 * in a 32-bit instruction. Included by isa/table.c only. */
#ifndef MOTE_XTENSA_OPERANDS_H
#define MOTE_XTENSA_OPERANDS_H

#define LIST(values) values, (uint8_t)(sizeof(values) / sizeof(values[0]))
#define NO_LIST      NULL, 0

static const int32_t b4const[] = {-1, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 32, 64, 128, 256};
static const int32_t b4constu[] = {32768, 65536, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 32, 64, 128, 256};
static const int32_t ai4const[] = {-1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
static const int32_t from_32_down[] = {32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17,
                                       16, 15, 14, 13, 12, 11, 10, 9,  8,  7,  6,  5,  4,  3,  2,  1};
static const int32_t m2_m3[] = {2, 3};
static const int32_t from_7[] = {7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22};
static const int32_t from_1[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

#define REGISTER_A(name, slot, ...)          name, MOTE_XT_AR, 0, 15, 1, NO_LIST, BASE_NONE, slot, __VA_ARGS__
#define REGISTER_F(name, slot, ...)          name, MOTE_XT_FR, 0, 15, 1, NO_LIST, BASE_NONE, slot, __VA_ARGS__
#define REGISTER_Q(name, slot, ...)          name, MOTE_XT_QR, 0, 7, 1, NO_LIST, BASE_NONE, slot, __VA_ARGS__
#define BOOLEAN(name, most, step, slot, ...) name, MOTE_XT_BR, 0, most, step, NO_LIST, BASE_NONE, slot, __VA_ARGS__
#define IMMEDIATE(name, least, most, step, ...)                                                                        \
    name, MOTE_XT_IMM, least, most, step, NO_LIST, BASE_NONE, imm, __VA_ARGS__
#define CHOICE(name, least, most, values, slot, ...)                                                                   \
    name, MOTE_XT_IMM, least, most, 1, LIST(values), BASE_NONE, slot, __VA_ARGS__
#define LABEL(name, least, most, step, base, ...)                                                                      \
    name, MOTE_XT_LABEL, least, most, step, NO_LIST, base, imm, __VA_ARGS__
#define SMALL(name, most, slot, ...) name, MOTE_XT_IMM, 0, most, 1, NO_LIST, BASE_NONE, slot, __VA_ARGS__

/* The core: three register fields r, s, t */
#define OP_arr REGISTER_A("arr", r, S(12, 4))
#define OP_ars REGISTER_A("ars", s, S(8, 4))
#define OP_art REGISTER_A("art", t, S(4, 4))
#define OP_frr REGISTER_F("frr", r, S(12, 4))
#define OP_frs REGISTER_F("frs", s, S(8, 4))
#define OP_frt REGISTER_F("frt", t, S(4, 4))
#define OP_br  BOOLEAN("br", 15, 1, r, S(12, 4))
#define OP_bs  BOOLEAN("bs", 15, 1, s, S(8, 4))
#define OP_bt  BOOLEAN("bt", 15, 1, t, S(4, 4))
#define OP_bs4 BOOLEAN("bs4", 12, 4, s, S(10, 2))
#define OP_bs8 BOOLEAN("bs8", 8, 8, s, S(11, 1))
#define OP_mw  "mw", MOTE_XT_MR, 0, 3, 1, NO_LIST, BASE_NONE, w, S(12, 2)
#define OP_mx  "mx", MOTE_XT_MR, 0, 3, 1, NO_LIST, BASE_NONE, x, S(14, 1) /* m2 and m3 are encoded as m0 and m1 */
#define OP_my  "my", MOTE_XT_MR, 2, 3, 1, LIST(m2_m3), BASE_NONE, y, S(6, 1)

#define OP_ai4const  CHOICE("ai4const", -1, 15, ai4const, imm, S(4, 4))
#define OP_b4const   CHOICE("b4const", -1, 256, b4const, constant, S(12, 4))
#define OP_b4constu  CHOICE("b4constu", 2, 65536, b4constu, constant, S(12, 4))
#define OP_bbi       SMALL("bbi", 31, constant, S(4, 4) S(12, 1))
#define OP_imm8x4    IMMEDIATE("imm8x4", 0, 1020, 4, S(16, 8))
#define OP_immrx4    IMMEDIATE("immrx4", -64, -4, 4, S(12, 4))
#define OP_imms      IMMEDIATE("imms", 0, 15, 1, S(8, 4))
#define OP_immt      SMALL("immt", 15, t, S(4, 4))
#define OP_lsi4x4    IMMEDIATE("lsi4x4", 0, 60, 4, S(12, 4))
#define OP_msalp32   CHOICE("msalp32", 1, 32, from_32_down, imm, S(4, 4) S(20, 1))
#define OP_op2p1     CHOICE("op2p1", 1, 16, from_1, w, S(20, 4))
#define OP_s         IMMEDIATE("s", 0, 15, 1, S(8, 4))
#define OP_t         IMMEDIATE("t", 0, 15, 1, S(4, 4))
#define OP_sae       IMMEDIATE("sae", 0, 31, 1, S(8, 4) S(16, 1))
#define OP_sargt     IMMEDIATE("sargt", 0, 31, 1, S(8, 4) S(20, 1))
#define OP_sas       IMMEDIATE("sas", 0, 31, 1, S(8, 4) S(4, 1))
#define OP_simm4     IMMEDIATE("simm4", -8, 7, 1, S(4, 4))
#define OP_simm7     IMMEDIATE("simm7", -32, 95, 1, S(12, 4) S(4, 3))
#define OP_simm8     IMMEDIATE("simm8", -128, 127, 1, S(16, 8))
#define OP_simm8x256 IMMEDIATE("simm8x256", -32768, 32512, 256, S(16, 8))
#define OP_simm12b   IMMEDIATE("simm12b", -2048, 2047, 1, S(16, 8) S(8, 4))
#define OP_tp7       CHOICE("tp7", 7, 22, from_7, imm, S(4, 4))
#define OP_uimm8     IMMEDIATE("uimm8", 0, 255, 1, S(16, 8))
#define OP_uimm8x2   IMMEDIATE("uimm8x2", 0, 510, 2, S(16, 8))
#define OP_uimm8x4   IMMEDIATE("uimm8x4", 0, 1020, 4, S(16, 8))
#define OP_uimm12x8  IMMEDIATE("uimm12x8", 0, 32760, 8, S(12, 12))
#define OP_uimmrx4   IMMEDIATE("uimmrx4", 0, 60, 4, S(12, 4))

#define OP_label8    LABEL("label", -124, 131, 1, BASE_NEXT, S(16, 8))
#define OP_label12   LABEL("label", -2044, 2051, 1, BASE_NEXT, S(12, 12))
#define OP_ulabel8   LABEL("label", 4, 259, 1, BASE_NEXT, S(16, 8))
#define OP_uimm6     LABEL("label", 4, 67, 1, BASE_NEXT, S(12, 4) S(4, 2))
#define OP_soffset   LABEL("label", -131068, 131075, 1, BASE_NEXT, S(6, 18))
#define OP_soffsetx4 LABEL("label", -524284, 524288, 4, BASE_NEXT_WORD, S(6, 18))
#define OP_uimm16x4  LABEL("label", -262144, -4, 4, BASE_LITERAL, S(8, 16))

/* PIE, 24-bit forms */
#define IN_A  S(15, 1) S(20, 2)
#define IN_B  S(12, 3)
#define IN_C  S(4, 3)
#define IN_X  S(8, 3)
#define IN_Y  S(11, 2) S(14, 1)
#define IN_LX S(4, 1) S(6, 2)
#define IN_LY S(5, 1) S(10, 2)
/* PIE, 32-bit forms */
#define IN_WU S(19, 1) S(24, 2)
#define IN_WV S(20, 3)
#define IN_WX S(14, 2) S(0, 1)
#define IN_WY S(23, 1) S(12, 2)
#define IN_WZ S(16, 3)
/* Offset of a 24-bit load or store */
#define IN_OFFSET S(8, 7) S(22, 1)

#define OP_as    REGISTER_A("as", s, S(4, 4))
#define OP_as_8  REGISTER_A("as", s, S(8, 4))
#define OP_as0   REGISTER_A("as0", t, S(4, 4))
#define OP_ad    REGISTER_A("ad", t, S(8, 4))
#define OP_au    REGISTER_A("au", r, S(4, 4))
#define OP_au_8  REGISTER_A("au", r, S(8, 4))
#define OP_ax    REGISTER_A("ax", s, S(4, 4))
#define OP_ax_8  REGISTER_A("ax", s, S(8, 4))
#define OP_ay    REGISTER_A("ay", t, S(4, 4))
#define OP_b_a   REGISTER_A("b", s, S(4, 4))
#define OP_value REGISTER_A("value", s, S(4, 4))
#define OP_mask  REGISTER_A("mask", t, S(8, 4))
#define OP_fu0   REGISTER_F("fu0", u, S(20, 4))
#define OP_fu1   REGISTER_F("fu1", x, S(12, 4))
#define OP_fu2   REGISTER_F("fu2", y, S(0, 1) S(16, 3))
#define OP_fu3   REGISTER_F("fu3", z, S(19, 1) S(24, 3))
#define OP_fv0   REGISTER_F("fv0", u, S(20, 4))
#define OP_fv1   REGISTER_F("fv1", x, S(12, 4))
#define OP_fv2   REGISTER_F("fv2", y, S(0, 1) S(16, 3))
#define OP_fv3   REGISTER_F("fv3", z, S(19, 1) S(24, 3))

#define OP_a     REGISTER_Q("a", u, IN_A)
#define OP_b     REGISTER_Q("b", x, IN_LY)
#define OP_qa    REGISTER_Q("qa", z, IN_A)
#define OP_qa_c  REGISTER_Q("qa", z, IN_C)
#define OP_qa_w  REGISTER_Q("qa", z, IN_WZ)
#define OP_qa0   REGISTER_Q("qa0", z, IN_A)
#define OP_qa0_w REGISTER_Q("qa0", z, IN_WZ)
#define OP_qa1   REGISTER_Q("qa1", r, IN_B)
#define OP_qm    REGISTER_Q("qm", w, IN_WZ)
#define OP_qm_y  REGISTER_Q("qm", w, IN_WY)
#define OP_qs    REGISTER_Q("qs", x, IN_A)
#define OP_qs_w  REGISTER_Q("qs", x, IN_WX)
#define OP_qs0   REGISTER_Q("qs0", v, IN_B)
#define OP_qs0_x REGISTER_Q("qs0", v, IN_WX)
#define OP_qs0_w REGISTER_Q("qs0", v, IN_WV)
#define OP_qs1   REGISTER_Q("qs1", w, IN_A)
#define OP_qs1_v REGISTER_Q("qs1", w, IN_WV)
#define OP_qs1_w REGISTER_Q("qs1", w, IN_WZ)
#define OP_qu    REGISTER_Q("qu", u, IN_A)
#define OP_qu_bc REGISTER_Q("qu", u, S(13, 1) S(15, 1) S(20, 1))
#define OP_qu_8  REGISTER_Q("qu", u, S(8, 3))
#define OP_qu_y  REGISTER_Q("qu", u, IN_WY)
#define OP_qu_z  REGISTER_Q("qu", u, IN_WZ)
#define OP_qu_w  REGISTER_Q("qu", u, IN_WU)
#define OP_qu1   REGISTER_Q("qu1", r, IN_B)
#define OP_qv    REGISTER_Q("qv", u, IN_A)
#define OP_qv_z  REGISTER_Q("qv", u, IN_WZ)
#define OP_qv_w  REGISTER_Q("qv", u, IN_WV)
#define OP_qx    REGISTER_Q("qx", x, IN_X)
#define OP_qx_l  REGISTER_Q("qx", x, IN_LX)
#define OP_qx_z  REGISTER_Q("qx", x, IN_WZ)
#define OP_qx_w  REGISTER_Q("qx", x, IN_WX)
#define OP_qy    REGISTER_Q("qy", y, IN_Y)
#define OP_qy_l  REGISTER_Q("qy", y, IN_LY)
#define OP_qy_x  REGISTER_Q("qy", y, IN_WX)
#define OP_qy_v  REGISTER_Q("qy", y, IN_WV)
#define OP_qy_w  REGISTER_Q("qy", y, IN_WY)
#define OP_qz    REGISTER_Q("qz", z, IN_A)
#define OP_qz_y  REGISTER_Q("qz", z, IN_WY)
#define OP_qz_w  REGISTER_Q("qz", z, IN_WZ)
#define OP_qz1   REGISTER_Q("qz1", r, S(11, 1) S(19, 1) S(24, 1))
#define OP_qz1_w REGISTER_Q("qz1", r, IN_WU)

#define OP_clear   IMMEDIATE("clear", 0, 255, 1, S(4, 8))
#define OP_set     IMMEDIATE("mask", 0, 255, 1, S(4, 8))
#define OP_imm1    IMMEDIATE("imm1", 0, 127, 1, S(8, 7))
#define OP_imm2    IMMEDIATE("imm2", 0, 254, 2, S(8, 7))
#define OP_imm4    IMMEDIATE("imm4", -512, 508, 4, IN_OFFSET)
#define OP_imm8    IMMEDIATE("imm8", -1024, 1016, 8, IN_OFFSET)
#define OP_imm8_w  IMMEDIATE("imm8", -1024, 1016, 8, S(8, 1) S(0, 1) S(16, 4) S(24, 2))
#define OP_imm16   IMMEDIATE("imm16", -2048, 2032, 16, IN_OFFSET)
#define OP_imm16_s IMMEDIATE("imm16", -2048, 2032, 16, S(8, 2) S(23, 1) S(12, 2) S(19, 1) S(24, 2))
#define OP_imm16_w IMMEDIATE("imm16", -512, 496, 16, S(8, 4) S(26, 2))
#define OP_imm16f  IMMEDIATE("imm16f", -128, 112, 16, S(8, 4))
#define OP_QR      IMMEDIATE("QR", -128, 112, 16, S(8, 4))
#define OP_sar2    IMMEDIATE("sar2", 0, 1, 1, S(10, 1))
#define OP_sar4    IMMEDIATE("sar4", 0, 3, 1, S(23, 1) S(12, 1))
#define OP_sar4_w  SMALL("sar4", 3, w, S(25, 2))
#define OP_upd4    SMALL("upd4", 3, v, S(19, 1) S(24, 1))
#define OP_sar16   IMMEDIATE("sar16", 0, 15, 1, S(4, 4))
#define OP_sel2    IMMEDIATE("sel2", 0, 1, 1, S(10, 1))
#define OP_sel2_8  IMMEDIATE("sel2", 0, 1, 1, S(8, 1))
#define OP_sel2_14 IMMEDIATE("sel2", 0, 1, 1, S(14, 1))
#define OP_sel2_25 IMMEDIATE("sel2", 0, 1, 1, S(25, 1))
#define OP_sel2_26 IMMEDIATE("sel2", 0, 1, 1, S(26, 1))
#define OP_sel4    IMMEDIATE("sel4", 0, 3, 1, S(4, 2))
#define OP_sel4_8  IMMEDIATE("sel4", 0, 3, 1, S(8, 2))
#define OP_sel4_10 IMMEDIATE("sel4", 0, 3, 1, S(10, 2))
#define OP_sel4_w  SMALL("sel4", 3, v, S(19, 1) S(24, 1))
#define OP_sel8    IMMEDIATE("sel8", 0, 7, 1, IN_A)
#define OP_sel8_u  IMMEDIATE("sel8", 0, 7, 1, IN_WU)
#define OP_sel8_y  IMMEDIATE("sel8", 0, 7, 1, IN_WY)
#define OP_sel8_z  IMMEDIATE("sel8", 0, 7, 1, IN_WZ)
#define OP_sel16   IMMEDIATE("sel16", 0, 15, 1, S(4, 1) IN_A)
#define OP_sel16_w IMMEDIATE("sel16", 0, 15, 1, S(20, 1) IN_WZ)

#endif
