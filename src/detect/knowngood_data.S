/* knowngood_data.S - data/exchange-known-good.bin as part of the program: two megabytes
 * that a C compiler would take long to read as numbers. */
    .section .rodata
    .globl knowngood_first
    .globl knowngood_last
    .balign 16
knowngood_first:
    .incbin KNOWN_GOOD_FILE
knowngood_last:
    .byte 0

    .section .note.GNU-stack, "", %progbits
