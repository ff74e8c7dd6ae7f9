/* Quicksort and heapsort of the same numbers; exits with the number of places where they differ. */
#include <stdint.h>
#include <stdio.h>

enum { COUNT = 500 };

static uint32_t random_state = 12345;

static int32_t random_number(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return (int32_t)random_state;
}

static void swap(int32_t *a, int32_t *b)
{
    int32_t t = *a;
    *a = *b;
    *b = t;
}

static void quicksort(int32_t *v, int low, int high)
{
    if (low >= high)
        return;
    int32_t pivot = v[low + (high - low) / 2];
    int i = low, j = high;
    while (i <= j) {
        while (v[i] < pivot)
            i++;
        while (v[j] > pivot)
            j--;
        if (i <= j)
            swap(&v[i++], &v[j--]);
    }
    quicksort(v, low, j);
    quicksort(v, i, high);
}

static void sift(int32_t *v, int root, int count)
{
    for (int child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && v[child] < v[child + 1])
            child++;
        if (v[root] >= v[child])
            return;
        swap(&v[root], &v[child]);
    }
}

static void heapsort_numbers(int32_t *v, int count)
{
    for (int i = count / 2; i-- > 0;)
        sift(v, i, count);
    for (int end = count - 1; end > 0; end--) {
        swap(&v[0], &v[end]);
        sift(v, 0, end);
    }
}

static int32_t quick[COUNT], heap[COUNT];

int main(void)
{
    int wrong = 0;
    for (int i = 0; i < COUNT; i++)
        quick[i] = heap[i] = random_number();
    quicksort(quick, 0, COUNT - 1);
    heapsort_numbers(heap, COUNT);
    for (int i = 0; i < COUNT; i++)
        wrong += quick[i] != heap[i];
    for (int i = 0; i < COUNT; i += 50)
        printf("%d %d\n", i, (int)quick[i]);
    return wrong;
}
