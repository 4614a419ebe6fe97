package peer;

import ai.timefold.solver.core.api.score.buildin.bendablelong.BendableLongScore;
import ai.timefold.solver.core.api.score.calculator.IncrementalScoreCalculator;

/**
 * Breaches of rules (one hard level) and the goals in units, a soft level a tier. What a change touches is noted and
 * counted anew, all else is kept.
 */
public final class Judge implements IncrementalScoreCalculator<Board, BendableLongScore> {
    static final int HOURS = 0, PLAN = 1, CONTINUITY = 2, WISHES = 3, RUNNING = 4;
    /** Places in the table of weights. */
    static final int W_HOURS = 0, W_GROUPS = 1, W_SESSIONS = 2, W_TOGETHER = 3, W_CHANGES = 4, W_TIMES = 5, W_WISHED = 6;
    static final int W_PRIMARY = 7, W_STEADY = 8, W_RUN = 9, W_LOAD = 10, W_UNUSED = 11, W_SIZES = 12, W_GAPS = 13;
    static final int W_RUNS = 14;

    private Facts facts;
    private Board board;
    Bag[] roster;
    Bag[] led;
    Bag[] held;
    private long hard;
    private long[] goals;
    private Counted sessions;
    private Counted therapists;
    private Counted rooms;
    private Counted cells;
    private Counted groups;
    private Counted patients;
    private Counted pairs;
    private Counted pins;
    private int[] openOfGroup;
    private int[] openOfCell;
    private int[] presentInCell;
    private boolean[] open;
    private int[] presentBefore;
    /** Pins that name no patient: the slots that could keep each, and back. */
    private int[][] pinSlots;
    private Bag[] pinsOfSlot;

    /** Things of one sort: what each costs now, and which must be counted anew. */
    private static final class Counted {
        final long[] hard;
        final long[][] units;
        final boolean[] marked;
        final int[] queue;
        int waiting;

        Counted(int size) {
            hard = new long[size];
            units = new long[5][size];
            marked = new boolean[size];
            queue = new int[size];
        }

        void mark(int one) {
            if (!marked[one]) {
                marked[one] = true;
                queue[waiting++] = one;
            }
        }

        int next() {
            int one = queue[--waiting];
            marked[one] = false;
            return one;
        }
    }

    @Override
    public void resetWorkingSolution(Board working) {
        board = working;
        facts = working.facts;
        working.judge = this;
        hard = 0;
        goals = new long[5];
        roster = bags(facts.slotCell.length);
        led = bags(facts.therapists.length);
        held = bags(facts.rooms.length);
        sessions = new Counted(facts.slotCell.length);
        therapists = new Counted(facts.therapists.length);
        rooms = new Counted(facts.rooms.length);
        cells = new Counted(facts.cells.length);
        groups = new Counted(facts.groups.length);
        patients = new Counted(facts.patients.length);
        pairs = new Counted(facts.apart.length + facts.together.length);
        pins = new Counted(facts.pins.length);
        openOfGroup = new int[facts.groups.length];
        openOfCell = new int[facts.cells.length];
        presentInCell = new int[facts.cells.length];
        open = new boolean[facts.slotCell.length];
        presentBefore = new int[facts.slotCell.length];
        pinSlots = new int[facts.pins.length][];
        pinsOfSlot = bags(facts.slotCell.length);
        for (int i = 0; i < facts.pins.length; i++) {
            pinSlots[i] = slotsOf(i);
        }
        for (Session session : working.sessions) {
            addLeader(session.first, session.id);
            addLeader(session.second, session.id);
            if (session.room != null) {
                held[session.room].add(session.id);
            }
        }
        for (Visit visit : working.visits) {
            if (visit.session != null) {
                roster[visit.session.id].add(visit.id);
            }
        }
        for (Counted sort : new Counted[] {sessions, therapists, rooms, cells, groups, patients, pairs, pins}) {
            for (int i = 0; i < sort.marked.length; i++) {
                sort.mark(i);
            }
        }
    }

    private int[] slotsOf(int pin) {
        int[] row = facts.pins[pin];
        Bag found = new Bag();
        for (int s = 0; row[0] < 0 && s < facts.slotCell.length; s++) {
            if ((row[1] < 0 || row[1] == facts.blockOf(s)) && (row[2] < 0 || row[2] == facts.groupOf(s))) {
                found.add(s);
                pinsOfSlot[s].add(pin);
            }
        }
        return found.copy();
    }

    private static Bag[] bags(int size) {
        Bag[] made = new Bag[size];
        for (int i = 0; i < size; i++) {
            made[i] = new Bag();
        }
        return made;
    }

    private void addLeader(Integer therapist, int session) {
        if (therapist != null) {
            led[therapist].add(session);
            therapists.mark(therapist);
        }
    }

    private void removeLeader(Integer therapist, int session) {
        if (therapist != null) {
            led[therapist].remove(session);
            therapists.mark(therapist);
        }
    }

    @Override
    public void beforeEntityAdded(Object entity) {}

    @Override
    public void afterEntityAdded(Object entity) {}

    @Override
    public void beforeEntityRemoved(Object entity) {}

    @Override
    public void afterEntityRemoved(Object entity) {}

    @Override
    public void beforeVariableChanged(Object entity, String variable) {
        if (entity instanceof Visit visit) {
            if (visit.session != null) {
                roster[visit.session.id].remove(visit.id);
                sessions.mark(visit.session.id);
            }
            return;
        }
        Session session = (Session) entity;
        if (variable.equals("room")) {
            if (session.room != null) {
                held[session.room].remove(session.id);
                rooms.mark(session.room);
            }
        } else {
            removeLeader(variable.equals("first") ? session.first : session.second, session.id);
        }
    }

    @Override
    public void afterVariableChanged(Object entity, String variable) {
        if (entity instanceof Visit visit) {
            patients.mark(visit.patient);
            if (visit.session != null) {
                roster[visit.session.id].add(visit.id);
                sessions.mark(visit.session.id);
            }
            return;
        }
        Session session = (Session) entity;
        sessions.mark(session.id);
        if (variable.equals("room")) {
            if (session.room != null) {
                held[session.room].add(session.id);
                rooms.mark(session.room);
            }
        } else {
            addLeader(variable.equals("first") ? session.first : session.second, session.id);
        }
        Bag here = roster[session.id];
        for (int i = 0; i < here.size; i++) {
            patients.mark(board.visits.get(here.items[i]).patient);
        }
    }

    @Override
    public BendableLongScore calculateScore() {
        while (sessions.waiting > 0) {
            countSession(sessions.next());
        }
        while (therapists.waiting > 0) {
            countTherapist(therapists.next());
        }
        while (rooms.waiting > 0) {
            countRoom(rooms.next());
        }
        while (cells.waiting > 0) {
            countCell(cells.next());
        }
        while (groups.waiting > 0) {
            countGroup(groups.next());
        }
        while (patients.waiting > 0) {
            countPatient(patients.next());
        }
        while (pairs.waiting > 0) {
            countPair(pairs.next());
        }
        while (pins.waiting > 0) {
            int pin = pins.next();
            cost(pins, pin, isKept(pin) ? 0 : 1);
        }
        long[] soft = new long[5];
        for (int goal = 0; goal < 5; goal++) {
            if (facts.levels[goal][0] >= 0) {
                soft[facts.levels[goal][0]] -= facts.levels[goal][1] * goals[goal];
            }
        }
        return BendableLongScore.of(new long[] {-hard}, soft);
    }

    private void cost(Counted sort, int one, long breaches) {
        hard += breaches - sort.hard[one];
        sort.hard[one] = breaches;
    }

    private void cost(Counted sort, int one, int goal, long units) {
        goals[goal] += units - sort.units[goal][one];
        sort.units[goal][one] = units;
    }

    // ---- what the moves ask ------------------------------------------------------------------------------------------

    boolean isOpen(int session) {
        return roster[session].size > 0;
    }

    boolean isShort(int patient) {
        return patients.units[HOURS][patient] > 0;
    }

    boolean isMissing(int patient) {
        return patients.units[PLAN][patient] > 0;
    }

    /** A pin that is not kept, or -1; the search for it begins at the given row. */
    int brokenPin(int from) {
        for (int i = 0; i < facts.pins.length; i++) {
            int pin = (from + i) % facts.pins.length;
            if (pins.hard[pin] > 0) {
                return pin;
            }
        }
        return -1;
    }

    // ---- sessions, therapists, rooms ---------------------------------------------------------------------------------

    private void countSession(int s) {
        for (int i = 0; i < pinsOfSlot[s].size; i++) {
            pins.mark(pinsOfSlot[s].items[i]);
        }
        int present = roster[s].size;
        int cell = facts.slotCell[s];
        boolean runs = present > 0;
        if (runs != open[s]) {
            int change = runs ? 1 : -1;
            open[s] = runs;
            openOfGroup[facts.groupOf(s)] += change;
            openOfCell[cell] += change;
            groups.mark(facts.groupOf(s));
            Session session = board.sessions.get(s);
            markUsers(session);
        }
        presentInCell[cell] += present - presentBefore[s];
        presentBefore[s] = present;
        cells.mark(cell);
        cost(sessions, s, runs ? breachesOf(board.sessions.get(s), present) : 0);
        cost(sessions, s, RUNNING, runs ? facts.weights[W_RUN] : 0);
    }

    private void markUsers(Session session) {
        if (session.first != null) {
            therapists.mark(session.first);
        }
        if (session.second != null) {
            therapists.mark(session.second);
        }
        if (session.room != null) {
            rooms.mark(session.room);
        }
    }

    private long breachesOf(Session session, int present) {
        int[] group = facts.groups[session.group()];
        long breaches = Math.max(0, group[Facts.MIN] - present) + Math.max(0, present - session.cap());
        breaches += session.first == null ? 1 : 0;
        if (group[Facts.LEADERS] > 1) {
            breaches += session.second == null || session.second.equals(session.first) ? 1 : 0;
        }
        breaches += group[Facts.ONLINE] == 0 && session.room == null ? 1 : 0;
        Bag here = roster[session.id];
        int young = 0;
        for (int i = 0; i < here.size; i++) {
            int patient = board.visits.get(here.items[i]).patient;
            young += facts.patients[patient][Facts.YOUNG];
            breaches += facts.eligible[patient][session.cell()] ? 0 : 1;
        }
        return group[Facts.MIXED] > 0 ? breaches : breaches + Math.min(young, present - young);
    }

    private void countTherapist(int t) {
        Bag mine = led[t];
        int load = 0;
        long breaches = 0;
        int[] row = facts.therapists[t];
        for (int i = 0; i < mine.size; i++) {
            if (!isOpen(mine.items[i])) {
                continue;
            }
            load++;
            int block = facts.blockOf(mine.items[i]);
            int today = 0;
            for (int j = 0; j < i; j++) {
                if (isOpen(mine.items[j])) {
                    int other = facts.blockOf(mine.items[j]);
                    breaches += facts.overlap[block][other] ? 1 : 0;
                    breaches += facts.tooClose[block][other] || facts.tooClose[other][block] ? 1 : 0;
                    today += facts.blocks[block][Facts.DAY] == facts.blocks[other][Facts.DAY] ? 1 : 0;
                }
            }
            breaches += row[Facts.DAY_MOST] >= 0 && today >= row[Facts.DAY_MOST] ? 1 : 0;
        }
        breaches += row[Facts.WEEK_MOST] < 0 ? 0 : Math.max(0, load - row[Facts.WEEK_MOST]);
        cost(therapists, t, breaches);
        long units = facts.weights[W_LOAD] * (long) (load * (load + 1) / 2);
        units += facts.weights[W_UNUSED] * (long) Math.max(0, row[Facts.WEEK_LEAST] - load);
        cost(therapists, t, RUNNING, units);
    }

    private void countRoom(int r) {
        Bag mine = held[r];
        long breaches = 0;
        for (int i = 0; i < mine.size; i++) {
            for (int j = 0; j < i; j++) {
                if (isOpen(mine.items[i]) && isOpen(mine.items[j])) {
                    breaches += facts.overlap[facts.blockOf(mine.items[i])][facts.blockOf(mine.items[j])] ? 1 : 0;
                }
            }
        }
        cost(rooms, r, breaches);
    }

    private void countCell(int c) {
        int middle = facts.groups[facts.cells[c][1]][Facts.MIDDLE];
        long away = middle < 0 ? 0 : Math.abs(presentInCell[c] - middle * openOfCell[c]);
        cost(cells, c, RUNNING, facts.weights[W_SIZES] * away);
    }

    private void countGroup(int g) {
        int[] row = facts.groups[g];
        cost(groups, g, row[Facts.MOST] < 0 ? 0 : Math.max(0, openOfGroup[g] - row[Facts.MOST]));
        cost(groups, g, PLAN, facts.weights[W_SESSIONS] * (long) Math.max(0, row[Facts.LEAST] - openOfGroup[g]));
    }

    // ---- people ------------------------------------------------------------------------------------------------------

    private final Session[] mine = new Session[64];

    private int attendedBy(int p) {
        int count = 0;
        for (int v = facts.firstVisit[p]; v < facts.firstVisit[p + 1]; v++) {
            Session session = board.visits.get(v).session;
            if (session != null) {
                mine[count++] = session;
            }
        }
        return count;
    }

    private void countPatient(int p) {
        int count = attendedBy(p);
        int[] minutesOfDay = new int[8];
        int[] visitsOfDay = new int[8];
        int minutes = 0;
        for (int i = 0; i < count; i++) {
            int[] block = facts.blocks[mine[i].block()];
            minutes += block[Facts.MINUTES];
            minutesOfDay[block[Facts.DAY]] += block[Facts.MINUTES];
            visitsOfDay[block[Facts.DAY]]++;
        }
        cost(patients, p, breachesOf(p, count, minutes, visitsOfDay));
        cost(patients, p, HOURS, hours(facts.patients[p], count, minutes, minutesOfDay, visitsOfDay));
        cost(patients, p, PLAN, missed(p, count));
        cost(patients, p, CONTINUITY, changes(p, count));
        cost(patients, p, WISHES, wishes(p, count));
        cost(patients, p, RUNNING, spacing(visitsOfDay));
        for (int pair : facts.pairsOf[p]) {
            pairs.mark(pair);
        }
        for (int pin : facts.pinsOf[p]) {
            pins.mark(pin);
        }
    }

    private long breachesOf(int p, int count, int minutes, int[] visitsOfDay) {
        int[] row = facts.patients[p];
        long breaches = Math.max(0, count - row[Facts.MAX_BLOCKS]);
        breaches += minutes > row[Facts.MAX_MINUTES] ? 1 : 0;
        for (int day = 0; day < 7; day++) {
            breaches += Math.max(0, visitsOfDay[day] - facts.program[Facts.PER_DAY]);
        }
        for (int i = 0; i < count; i++) {
            int same = 0;
            for (int j = 0; j < i; j++) {
                breaches += facts.overlap[mine[i].block()][mine[j].block()] ? 1 : 0;
                same += mine[i].group() == mine[j].group() ? 1 : 0;
            }
            int most = facts.groups[mine[i].group()][Facts.REPEAT];
            breaches += most >= 0 && same >= most ? 1 : 0;
            for (int therapist : facts.apartTherapists[p]) {
                breaches += mine[i].isLedBy(therapist) ? 1 : 0;
            }
        }
        return breaches;
    }

    private long hours(int[] row, int count, int minutes, int[] minutesOfDay, int[] visitsOfDay) {
        int days = 0;
        for (int day = 0; day < 7; day++) {
            days += visitsOfDay[day] > 0 && minutesOfDay[day] >= row[Facts.DAY_MINUTES] ? 1 : 0;
        }
        int each = facts.program[Facts.BLOCK_MINUTES];
        int lacking = Math.max(0, row[Facts.MIN_MINUTES] - minutes);
        lacking = Math.max(lacking, each * (row[Facts.MIN_BLOCKS] - count));
        lacking = Math.max(lacking, each * (row[Facts.MIN_DAYS] - days));
        return (long) facts.weights[W_HOURS] * row[Facts.PRIORITY] * lacking;
    }

    private long missed(int p, int count) {
        int missing = 0;
        int[] needs = facts.required[p];
        for (int i = 0; i < needs.length; i += 2) {
            missing += Math.max(0, needs[i + 1] - timesIn(needs[i], count));
        }
        return (long) facts.weights[W_GROUPS] * facts.patients[p][Facts.PRIORITY] * missing;
    }

    private int timesIn(int group, int count) {
        int times = 0;
        for (int i = 0; i < count; i++) {
            times += mine[i].group() == group ? 1 : 0;
        }
        return times;
    }

    private long changes(int p, int count) {
        long lost = 0;
        for (int seat : facts.previousOf[p]) {
            int[] row = facts.previous[seat];
            int grade = 4;
            for (int i = 0; i < count; i++) {
                boolean sameBlock = mine[i].block() == row[1];
                boolean sameLeader = row[3] >= 0 && mine[i].isLedBy(row[3]);
                if (sameBlock && mine[i].group() == row[2]) {
                    grade = Math.min(grade, sameLeader ? 0 : 1);
                }
                grade = Math.min(grade, sameLeader ? 2 : sameBlock ? 3 : 4);
            }
            lost += grade;
        }
        return facts.weights[W_CHANGES] * lost;
    }

    private long wishes(int p, int count) {
        int[] row = facts.patients[p];
        long outside = 0;
        long clocks = 0;
        boolean met = row[Facts.PRIMARY] < 0;
        for (int i = 0; i < count; i++) {
            outside += facts.unwelcomeBlock[p][mine[i].block()] ? 1 : 0;
            met |= row[Facts.PRIMARY] >= 0 && mine[i].isLedBy(row[Facts.PRIMARY]);
            boolean fresh = true;
            for (int j = 0; j < i; j++) {
                fresh &= facts.blocks[mine[i].block()][Facts.CLOCK] != facts.blocks[mine[j].block()][Facts.CLOCK];
            }
            clocks += fresh ? 1 : 0;
        }
        long given = 0;
        for (int group : facts.preferred[p]) {
            given += timesIn(group, count) > 0 ? 1 : 0;
        }
        int[] weights = facts.weights;
        long broken = weights[W_TIMES] * outside + weights[W_PRIMARY] * (met ? 0 : 1);
        broken += weights[W_WISHED] * Math.max(0, row[Facts.WISHED] - given);
        broken += weights[W_STEADY] * Math.max(0, clocks - 1);
        return broken * (broken + 1) / 2;
    }

    private long spacing(int[] visitsOfDay) {
        long gaps = 0;
        long runs = 0;
        int last = -1;
        int stretch = 0;
        for (int day = 0; day < 7; day++) {
            if (visitsOfDay[day] == 0) {
                stretch = 0;
                continue;
            }
            gaps += last >= 0 && day - last - 1 > facts.program[Facts.MAX_GAP] ? 1 : 0;
            last = day;
            stretch++;
            runs += stretch > facts.program[Facts.MAX_RUN] ? 1 : 0;
        }
        return facts.weights[W_GAPS] * gaps + facts.weights[W_RUNS] * runs;
    }

    private void countPair(int pair) {
        boolean keptApart = pair < facts.apart.length;
        int[] row = keptApart ? facts.apart[pair] : facts.together[pair - facts.apart.length];
        if (row[1] < 0) {
            return;
        }
        int shared = 0;
        int count = attendedBy(row[0]);
        for (int v = facts.firstVisit[row[1]]; v < facts.firstVisit[row[1] + 1]; v++) {
            Session session = board.visits.get(v).session;
            for (int i = 0; session != null && i < count; i++) {
                shared += mine[i] == session ? 1 : 0;
            }
        }
        if (keptApart) {
            cost(pairs, pair, shared);
        } else {
            cost(pairs, pair, PLAN, shared > 0 ? 0 : facts.weights[W_TOGETHER]);
        }
    }

    private boolean isKept(int number) {
        int[] pin = facts.pins[number];
        if (pin[0] >= 0) {
            int count = attendedBy(pin[0]);
            for (int i = 0; i < count; i++) {
                if (matches(pin, mine[i])) {
                    return true;
                }
            }
            return false;
        }
        for (int slot : pinSlots[number]) {
            if (isOpen(slot) && matches(pin, board.sessions.get(slot))) {
                return true;
            }
        }
        return false;
    }

    static boolean matches(int[] pin, Session session) {
        return (pin[1] < 0 || pin[1] == session.block())
                && (pin[2] < 0 || pin[2] == session.group())
                && (pin[3] < 0 || session.isLedBy(pin[3]))
                && (pin[4] < 0 || session.room != null && session.room == pin[4]);
    }
}
