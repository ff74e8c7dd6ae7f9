/* Deep and wide recursion: Ackermann, Fibonacci, the towers of Hanoi, and mutual recursion. */
#include <stdio.h>

static int ackermann(int m, int n)
{
    if (m == 0)
        return n + 1;
    return n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

static int fibonacci(int n)
{
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static int moves;

static void hanoi(int discs, int from, int to, int spare)
{
    if (discs == 0)
        return;
    hanoi(discs - 1, from, spare, to);
    moves++;
    hanoi(discs - 1, spare, to, from);
}

static int is_odd(int n);

static int is_even(int n)
{
    return n == 0 ? 1 : is_odd(n - 1);
}

static int is_odd(int n)
{
    return n == 0 ? 0 : is_even(n - 1);
}

int main(void)
{
    hanoi(10, 1, 3, 2);
    printf("ackermann(2, 20) = %d\nfibonacci(18) = %d\nhanoi(10) = %d moves\n101 is %s\n", ackermann(2, 20),
           fibonacci(18), moves, is_even(101) ? "even" : "odd");
    return fibonacci(10);
}
