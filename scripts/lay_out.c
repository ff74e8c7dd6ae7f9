/* Lays out the products of a packed model in one layout if they can have it, even if that is larger or slower.
 * Usage: lay_out PACKED LAYOUT OUT */
#include <stdio.h>
#include <string.h>

#include "compiler/graph/names.h"
#include "compiler/pack/container.h"
#include "compiler/pack/lay_out.h"

int main(int argc, char **argv)
{
    mote_error error = {0};
    mote_graph g;
    int layout = 0;
    while (argc == 4 && layout < MOTE_LAYOUT_COUNT && strcmp(mote_layout_names[layout], argv[2]) != 0)
        layout++;
    if (argc != 4 || layout == MOTE_LAYOUT_COUNT) {
        fprintf(stderr, "usage: lay_out PACKED LAYOUT OUT\n");
        return 2;
    }
    bool done = mote_graph_load(&g, argv[1], &error);
    if (done) {
        done = mote_graph_lay_out_as(&g, (mote_layout)layout, &error) && mote_graph_save(&g, argv[3], &error);
        mote_graph_free(&g);
    }
    if (!done)
        fprintf(stderr, "lay_out: %s\n", error.text);
    return done ? 0 : 1;
}
