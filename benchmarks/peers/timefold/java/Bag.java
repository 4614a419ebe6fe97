package peer;

import java.util.Arrays;

/** A short list of whole numbers in no order. */
final class Bag {
    int[] items = new int[4];
    int size;

    void add(int one) {
        if (size == items.length) {
            items = Arrays.copyOf(items, 2 * size);
        }
        items[size++] = one;
    }

    void remove(int one) {
        for (int i = 0; i < size; i++) {
            if (items[i] == one) {
                items[i] = items[--size];
                return;
            }
        }
    }

    int[] copy() {
        return Arrays.copyOf(items, size);
    }
}
