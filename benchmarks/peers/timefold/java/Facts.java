package peer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What is given: one week as tables of whole numbers. Every id is a row number, -1 stands for none. */
public final class Facts {
    static final int START = 0, END = 1, DAY = 2, MINUTES = 3, CLOCK = 4;
    static final int MIN = 0, CAP = 1, LEADERS = 2, ONLINE = 3, MOST = 4, LEAST = 5, REPEAT = 6, MIXED = 7, MIDDLE = 8;
    static final int MIN_MINUTES = 0, MAX_MINUTES = 1, MIN_BLOCKS = 2, MAX_BLOCKS = 3, MIN_DAYS = 4, DAY_MINUTES = 5;
    static final int PRIORITY = 6, YOUNG = 7, PRIMARY = 8, WISHED = 9;
    static final int WEEK_MOST = 0, DAY_MOST = 1, WEEK_LEAST = 2;
    static final int PER_DAY = 0, BLOCK_MINUTES = 1, REST = 2, MAX_GAP = 3, MAX_RUN = 4;

    final int[] program;
    final int[][] blocks;
    final int[][] groups;
    final int[][] patients;
    final int[][] therapists;
    final int[][] rooms;
    final int[][] cells;
    final int[][] cellPatients;
    final int[][] cellTherapists;
    final int[][] cellRooms;
    final int[][] patientCells;
    final int[][] therapistCells;
    final int[][] required;
    final int[][] preferred;
    final int[][] unwelcome;
    final int[][] previous;
    final int[][] apart;
    final int[][] together;
    final int[][] pins;
    final int[] weights;
    final int[][] levels;
    final boolean[][] eligible;
    final boolean[][] overlap;
    final boolean[][] tooClose;
    final boolean[][] unwelcomeBlock;
    final int[][] apartPatients;
    final int[][] apartTherapists;
    final int[][] pairsOf;
    final int[][] pinsOf;
    final int[][] previousOf;
    final int[] slotCell;
    final int[][] cellSlots;
    final int[] firstVisit;

    /** Tables by name, as the Python side writes them. */
    public Facts(Map<String, int[][]> tables) {
        program = tables.get("program")[0];
        blocks = tables.get("blocks");
        groups = tables.get("groups");
        patients = tables.get("patients");
        therapists = tables.get("therapists");
        rooms = tables.get("rooms");
        cells = tables.get("cells");
        cellPatients = tables.get("cell_patients");
        cellTherapists = tables.get("cell_therapists");
        cellRooms = tables.get("cell_rooms");
        required = tables.get("required");
        preferred = tables.get("preferred");
        unwelcome = tables.get("unwelcome");
        previous = tables.get("previous");
        apart = tables.get("apart");
        together = tables.get("together");
        pins = tables.get("pins");
        weights = tables.get("weights")[0];
        levels = tables.get("levels");
        slotCell = tables.get("slots")[0];
        patientCells = turned(cellPatients, patients.length);
        therapistCells = turned(cellTherapists, therapists.length);
        eligible = new boolean[patients.length][cells.length];
        for (int p = 0; p < patients.length; p++) {
            for (int c : patientCells[p]) {
                eligible[p][c] = true;
            }
        }
        overlap = new boolean[blocks.length][blocks.length];
        tooClose = new boolean[blocks.length][blocks.length];
        for (int a = 0; a < blocks.length; a++) {
            for (int b = 0; b < blocks.length; b++) {
                overlap[a][b] = blocks[a][START] < blocks[b][END] && blocks[b][START] < blocks[a][END];
                tooClose[a][b] = blocks[b][DAY] == blocks[a][DAY] + 1
                        && blocks[b][START] - blocks[a][END] < program[REST];
            }
        }
        unwelcomeBlock = new boolean[patients.length][blocks.length];
        for (int p = 0; p < patients.length; p++) {
            for (int b : unwelcome[p]) {
                unwelcomeBlock[p][b] = true;
            }
        }
        apartPatients = new int[patients.length][];
        apartTherapists = new int[patients.length][];
        pairsOf = new int[patients.length][];
        pinsOf = new int[patients.length][];
        previousOf = new int[patients.length][];
        fillPatientLists();
        int[][] byCell = new int[slotCell.length][];
        for (int s = 0; s < slotCell.length; s++) {
            byCell[s] = new int[] {slotCell[s]};
        }
        cellSlots = turned(byCell, cells.length);
        firstVisit = new int[patients.length + 1];
        for (int p = 0; p < patients.length; p++) {
            firstVisit[p + 1] = firstVisit[p] + patients[p][MAX_BLOCKS];
        }
    }

    private void fillPatientLists() {
        for (int p = 0; p < patients.length; p++) {
            List<Integer> others = new ArrayList<>();
            List<Integer> leaders = new ArrayList<>();
            List<Integer> pairs = new ArrayList<>();
            List<Integer> pinned = new ArrayList<>();
            List<Integer> before = new ArrayList<>();
            for (int i = 0; i < apart.length; i++) {
                int[] row = apart[i];
                if (row[1] >= 0 && (row[0] == p || row[1] == p)) {
                    others.add(row[0] == p ? row[1] : row[0]);
                    pairs.add(i);
                }
                if (row[2] >= 0 && row[0] == p) {
                    leaders.add(row[2]);
                }
            }
            for (int i = 0; i < together.length; i++) {
                if (together[i][0] == p || together[i][1] == p) {
                    pairs.add(apart.length + i);
                }
            }
            for (int i = 0; i < pins.length; i++) {
                if (pins[i][0] == p) {
                    pinned.add(i);
                }
            }
            for (int i = 0; i < previous.length; i++) {
                if (previous[i][0] == p) {
                    before.add(i);
                }
            }
            apartPatients[p] = ints(others);
            apartTherapists[p] = ints(leaders);
            pairsOf[p] = ints(pairs);
            pinsOf[p] = ints(pinned);
            previousOf[p] = ints(before);
        }
    }

    int blockOf(int slot) {
        return cells[slotCell[slot]][0];
    }

    int groupOf(int slot) {
        return cells[slotCell[slot]][1];
    }

    static boolean has(int[] list, int wanted) {
        for (int one : list) {
            if (one == wanted) {
                return true;
            }
        }
        return false;
    }

    private static int[][] turned(int[][] lists, int width) {
        List<List<Integer>> found = new ArrayList<>();
        for (int i = 0; i < width; i++) {
            found.add(new ArrayList<>());
        }
        for (int row = 0; row < lists.length; row++) {
            for (int one : lists[row]) {
                found.get(one).add(row);
            }
        }
        return found.stream().map(Facts::ints).toArray(int[][]::new);
    }

    private static int[] ints(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }
}
