#include "compiler/prune/mincut.h"

#include <stdlib.h>
#include <string.h>

enum { WORK_A_NODE = 6 }; /* global relabelling after work of this many times the nodes plus the arcs */

#define NONE UINT32_MAX

/* An arc of an edge, which is two arcs, there and back. `residual` is the flow that the arc can still take. */
typedef struct arc {
    int64_t residual;
    uint32_t to, back; /* index of the arc back */
} arc;

/* Nodes of one height form two lists, linked by `next` and `previous`: active nodes, which have excess (singly linked,
 * removed at the front only), and idle nodes. */
typedef struct solver {
    uint32_t nodes, source, sink;
    uint32_t target; /* where excess is sent: first to the sink, then the rest back to the source */
    arc *arcs;
    uint32_t *first;         /* [nodes + 1]: first arc of each node */
    uint32_t *current;       /* [nodes]: the arc to try next */
    uint32_t *height;        /* [nodes]: at most the residual distance to the target; `nodes` if there is no path */
    int64_t *excess;         /* [nodes] */
    uint32_t *active, *idle; /* [nodes + 1]: first node of each height */
    uint32_t *next, *previous;
    uint32_t *queue;
    uint32_t highest, top; /* heights of the highest active node and of the highest node */
    uint64_t work, limit;
} solver;

static void make_active(solver *s, uint32_t v)
{
    const uint32_t h = s->height[v];
    s->next[v] = s->active[h];
    s->active[h] = v;
    s->highest = h > s->highest ? h : s->highest;
}

static void make_idle(solver *s, uint32_t v)
{
    const uint32_t h = s->height[v], after = s->idle[h];
    s->next[v] = after;
    s->previous[v] = NONE;
    if (after != NONE)
        s->previous[after] = v;
    s->idle[h] = v;
}

static void leave_idle(solver *s, uint32_t v)
{
    const uint32_t before = s->previous[v], after = s->next[v];
    if (before == NONE)
        s->idle[s->height[v]] = after;
    else
        s->next[before] = after;
    if (after != NONE)
        s->previous[after] = before;
}

static bool is_end(const solver *s, uint32_t v)
{
    return v == s->source || v == s->sink;
}

static void list_node(solver *s, uint32_t v)
{
    s->top = s->height[v] > s->top ? s->height[v] : s->top;
    if (is_end(s, v))
        return;
    if (s->excess[v] > 0)
        make_active(s, v);
    else
        make_idle(s, v);
}

/* Sets heights to exact distances, by a search from the target against the residual arcs. */
static void relabel_all(solver *s)
{
    for (uint32_t v = 0; v < s->nodes; v++) {
        s->height[v] = s->nodes;
        s->current[v] = s->first[v];
    }
    memset(s->active, 0xff, ((size_t)s->nodes + 1) * sizeof *s->active);
    memset(s->idle, 0xff, ((size_t)s->nodes + 1) * sizeof *s->idle);
    s->highest = s->top = 0;
    s->work = 0;
    uint32_t read = 0, written = 0;
    s->queue[written++] = s->target;
    s->height[s->target] = 0;
    while (read < written) {
        const uint32_t v = s->queue[read++];
        list_node(s, v);
        for (uint32_t a = s->first[v]; a < s->first[v + 1]; a++) {
            const uint32_t u = s->arcs[a].to;
            if (s->height[u] == s->nodes && s->arcs[s->arcs[a].back].residual > 0) {
                s->height[u] = s->height[v] + 1;
                s->queue[written++] = u;
            }
        }
    }
}

static void push(solver *s, uint32_t v, arc *a)
{
    const int64_t amount = s->excess[v] < a->residual ? s->excess[v] : a->residual;
    const uint32_t to = a->to;
    if (s->excess[to] == 0 && !is_end(s, to)) {
        leave_idle(s, to);
        make_active(s, to);
    }
    a->residual -= amount;
    s->arcs[a->back].residual += amount;
    s->excess[v] -= amount;
    s->excess[to] += amount;
}

/* Raises a node to one more than the lowest node that a residual arc reaches. */
static void relabel(solver *s, uint32_t v)
{
    uint32_t lowest = s->nodes, through = s->first[v];
    for (uint32_t a = s->first[v]; a < s->first[v + 1]; a++)
        if (s->arcs[a].residual > 0 && s->height[s->arcs[a].to] < lowest) {
            lowest = s->height[s->arcs[a].to];
            through = a;
        }
    s->work += WORK_A_NODE * 2 + s->first[v + 1] - s->first[v];
    s->height[v] = lowest < s->nodes ? lowest + 1 : s->nodes;
    s->current[v] = through;
    if (s->height[v] < s->nodes && s->height[v] > s->top)
        s->top = s->height[v];
}

/* Called when no node is left at height h: no node above has a path to the target. */
static void close_gap(solver *s, uint32_t h)
{
    for (uint32_t above = h; above <= s->top; above++) {
        for (uint32_t v = s->idle[above]; v != NONE; v = s->next[v])
            s->height[v] = s->nodes;
        for (uint32_t v = s->active[above]; v != NONE; v = s->next[v])
            s->height[v] = s->nodes;
        s->idle[above] = s->active[above] = NONE;
    }
    s->top = s->highest = h - 1;
}

/* Sends a node's excess to lower nodes. The node is on no list before and is listed at its final height, unless it lost
 * its path to the target. */
static void discharge(solver *s, uint32_t v)
{
    while (s->excess[v] > 0) {
        if (s->current[v] == s->first[v + 1]) {
            const uint32_t h = s->height[v];
            if (s->idle[h] == NONE && s->active[h] == NONE) {
                s->height[v] = s->nodes;
                close_gap(s, h);
                return;
            }
            relabel(s, v);
            if (s->height[v] == s->nodes)
                return;
        }
        arc *a = &s->arcs[s->current[v]];
        if (a->residual > 0 && s->height[v] == s->height[a->to] + 1)
            push(s, v, a);
        if (s->excess[v] > 0)
            s->current[v]++;
    }
    make_idle(s, v);
}

/* Runs until no more excess can reach the target. */
static void drain(solver *s, uint32_t target)
{
    s->target = target;
    relabel_all(s);
    for (;;) {
        while (s->highest > 0 && s->active[s->highest] == NONE)
            s->highest--;
        const uint32_t v = s->active[s->highest];
        if (s->highest == 0 || v == NONE)
            return;
        s->active[s->highest] = s->next[v];
        discharge(s, v);
        if (s->work > s->limit)
            relabel_all(s);
    }
}

static void fill_source(solver *s)
{
    for (uint32_t a = s->first[s->source]; a < s->first[s->source + 1]; a++) {
        arc *forth = &s->arcs[a], *back = &s->arcs[forth->back];
        s->excess[forth->to] += forth->residual;
        back->residual += forth->residual;
        forth->residual = 0;
    }
}

/* Checks nodes and capacities. The sum of the capacities that leave the source bounds every excess. */
static bool is_valid(const mote_flow_network *n, mote_error *error)
{
    if (n->source >= n->nodes || n->sink >= n->nodes || n->source == n->sink || n->edge_count >= (size_t)1 << 31 ||
        n->nodes > INT32_MAX)
        return mote_fail(error, MOTE_E_FORMAT, "a flow network needs two different ends among its nodes");
    int64_t out = 0;
    for (size_t i = 0; i < n->edge_count; i++) {
        const mote_flow_edge *e = &n->edges[i];
        if (e->from >= n->nodes || e->to >= n->nodes || e->capacity < 0)
            return mote_fail(error, MOTE_E_FORMAT, "edge %zu of a flow network has no such nodes or capacity", i);
        if (__builtin_add_overflow(out, e->from == n->source ? e->capacity : 0, &out))
            return mote_fail(error, MOTE_E_FORMAT, "the capacities that leave a flow network's source exceed 63 bits");
    }
    return true;
}

/* Sorts edges by the node that they leave. place[i] is the arc of edge i. */
static void build_arcs(solver *s, const mote_flow_network *n, uint32_t *place)
{
    for (size_t i = 0; i < n->edge_count; i++)
        s->first[n->edges[i].from]++, s->first[n->edges[i].to]++;
    uint32_t sum = 0;
    for (uint32_t v = 0; v <= n->nodes; v++) {
        sum += s->first[v];
        s->first[v] = sum;
    }
    for (size_t i = n->edge_count; i-- > 0;) {
        const mote_flow_edge *e = &n->edges[i];
        const uint32_t forth = --s->first[e->from], back = --s->first[e->to];
        s->arcs[forth] = (arc){e->from == e->to ? 0 : e->capacity, e->to, back};
        s->arcs[back] = (arc){0, e->from, forth};
        place[i] = forth;
    }
    s->limit = WORK_A_NODE * (uint64_t)n->nodes + 2 * n->edge_count;
}

static bool take_memory(solver *s, const mote_flow_network *n, mote_flow *flow, uint32_t **place)
{
    const size_t nodes = (size_t)n->nodes + 1, edges = n->edge_count + 1;
    *s = (solver){.nodes = n->nodes, .source = n->source, .sink = n->sink};
    s->arcs = calloc(2 * edges, sizeof *s->arcs);
    s->excess = calloc(nodes, sizeof *s->excess);
    s->first = calloc(8 * nodes, sizeof *s->first);
    *place = calloc(edges, sizeof **place);
    flow->edge = calloc(edges, sizeof *flow->edge);
    flow->source_side = calloc(nodes, sizeof *flow->source_side);
    if (!s->arcs || !s->excess || !s->first || !*place || !flow->edge || !flow->source_side)
        return false;
    uint32_t **const rest[] = {&s->current, &s->height, &s->active, &s->idle, &s->next, &s->previous, &s->queue};
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++)
        *rest[i] = s->first + (i + 1) * nodes;
    return true;
}

static void solve(solver *s, const mote_flow_network *n, const uint32_t *place, mote_flow *flow)
{
    fill_source(s);
    drain(s, s->sink);
    relabel_all(s);
    for (uint32_t v = 0; v < s->nodes; v++)
        flow->source_side[v] = s->height[v] == s->nodes;
    flow->value = s->excess[s->sink];
    drain(s, s->source);
    for (size_t i = 0; i < n->edge_count; i++)
        flow->edge[i] = n->edges[i].from == n->edges[i].to ? 0 : n->edges[i].capacity - s->arcs[place[i]].residual;
}

bool mote_flow_solve(const mote_flow_network *network, mote_flow *flow, mote_error *error)
{
    *flow = (mote_flow){0};
    if (!is_valid(network, error))
        return false;
    solver s;
    uint32_t *place;
    const bool room = take_memory(&s, network, flow, &place);
    if (room) {
        build_arcs(&s, network, place);
        solve(&s, network, place, flow);
    }
    free(s.arcs);
    free(s.excess);
    free(s.first);
    free(place);
    if (!room)
        mote_flow_free(flow);
    return room ||
           mote_fail(error, MOTE_E_INTERNAL, "out of memory for a flow network of %zu edges", network->edge_count);
}

void mote_flow_free(mote_flow *flow)
{
    free(flow->edge);
    free(flow->source_side);
    *flow = (mote_flow){0};
}
