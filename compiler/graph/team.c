#include "compiler/graph/team.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_WORKERS = 64 };

typedef struct member {
    mote_team *team;
    uint32_t index;
    pthread_t thread;
} member;

struct mote_team {
    uint32_t size, started, busy;
    uint64_t round; /* number of calls of mote_team_run */
    bool quit;
    pthread_mutex_t lock;
    pthread_cond_t begin, done;
    void (*work)(void *context, uint32_t worker);
    void *context;
    member members[MAX_WORKERS];
};

static void *serve(void *argument)
{
    member *m = argument;
    mote_team *team = m->team;
    uint64_t round = 0;
    pthread_mutex_lock(&team->lock);
    for (;;) {
        while (team->round == round && !team->quit)
            pthread_cond_wait(&team->begin, &team->lock);
        if (team->quit)
            break;
        round = team->round;
        pthread_mutex_unlock(&team->lock);
        team->work(team->context, m->index);
        pthread_mutex_lock(&team->lock);
        if (--team->busy == 0)
            pthread_cond_signal(&team->done);
    }
    pthread_mutex_unlock(&team->lock);
    return NULL;
}

mote_team *mote_team_new(uint32_t size, mote_error *error)
{
    const bool valid = size >= 1 && size <= MAX_WORKERS;
    mote_team *team = valid ? calloc(1, sizeof *team) : NULL;
    if (!valid)
        mote_fail(error, MOTE_E_USAGE, "the number of threads must be 1..%d", MAX_WORKERS);
    else if (!team)
        mote_fail(error, MOTE_E_INTERNAL, "out of memory for %u threads", size);
    if (!team)
        return NULL;
    pthread_mutex_init(&team->lock, NULL);
    pthread_cond_init(&team->begin, NULL);
    pthread_cond_init(&team->done, NULL);
    team->size = size;
    for (team->started = 1; team->started < size; team->started++) {
        member *m = &team->members[team->started];
        *m = (member){.team = team, .index = team->started};
        int status = pthread_create(&m->thread, NULL, serve, m);
        if (status) {
            mote_fail(error, MOTE_E_INTERNAL, "cannot start %u threads: %s", size, strerror(status));
            mote_team_free(team);
            return NULL;
        }
    }
    return team;
}

void mote_team_free(mote_team *team)
{
    if (!team)
        return;
    pthread_mutex_lock(&team->lock);
    team->quit = true;
    pthread_cond_broadcast(&team->begin);
    pthread_mutex_unlock(&team->lock);
    for (uint32_t i = 1; i < team->started; i++)
        pthread_join(team->members[i].thread, NULL);
    pthread_cond_destroy(&team->begin);
    pthread_cond_destroy(&team->done);
    pthread_mutex_destroy(&team->lock);
    free(team);
}

uint32_t mote_team_size(const mote_team *team)
{
    return team->size;
}

void mote_team_run(mote_team *team, void (*work)(void *context, uint32_t worker), void *context)
{
    pthread_mutex_lock(&team->lock);
    team->work = work;
    team->context = context;
    team->busy = team->size - 1;
    team->round++;
    pthread_cond_broadcast(&team->begin);
    pthread_mutex_unlock(&team->lock);
    work(context, 0);
    pthread_mutex_lock(&team->lock);
    while (team->busy)
        pthread_cond_wait(&team->done, &team->lock);
    pthread_mutex_unlock(&team->lock);
}
